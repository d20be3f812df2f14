package org.handoff.worker.pool.internal.supervision;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The end of a process's output, which mostly says why the process has ended. */
public interface LastOutput {

    /** The last line that was not empty, so far; waits for nothing. */
    String last();

    /** The last lines and log entries, the oldest first; only so many as there is room for. */
    List<String> lines();

    /** Completes with the last line when the output has ended, or after a bounded time. */
    CompletableFuture<String> lastOfAll();
}
