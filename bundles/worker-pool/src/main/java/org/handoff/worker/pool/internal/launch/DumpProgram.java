package org.handoff.worker.pool.internal.launch;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.handoff.worker.pool.internal.config.WorkerEnvironment;
import org.handoff.worker.pool.internal.output.VisibleText;
import org.handoff.worker.pool.internal.output.WorkerOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a program that dumps a worker, as Karaf's user and on a thread of its own. Its output is carried into Karaf's log
 * as the worker's own; it is killed if it takes too long.
 */
public final class DumpProgram {

    /** How long the program may take. */
    public static final int SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(DumpProgram.class);

    private DumpProgram() {}

    /**
     * Starts the program.
     *
     * @param id the worker's
     * @param command the program and its arguments
     * @param output the worker's, within whose budget the lines are
     * @return completed, on any thread, when the program has ended and its lines are in the log; exceptionally if it
     *         does not start, fails, or is killed after {@link #SECONDS}
     */
    public static CompletableFuture<Void> start(String id, List<String> command, WorkerOutput output) {
        return start(id, command, output, SECONDS);
    }

    static CompletableFuture<Void> start(String id, List<String> command, WorkerOutput output, int seconds) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> run(id, command, output, seconds, done), "handoff-dump-" + id);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            fail(id, command, done, new IOException("the system has no thread for it", e));
        }
        return done;
    }

    private static void run(
            String id, List<String> command, WorkerOutput output, int seconds, CompletableFuture<Void> done) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true);
            WorkerEnvironment.cleaned(builder.environment());
            Process process = builder.start();
            CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS).execute(() -> {
                if (!done.isDone()) {
                    fail(id, command, done, new TimeoutException("it is killed after " + seconds + " s"));
                    end(process);
                }
            });
            output.carry(process.getInputStream());
            int status = process.waitFor();
            if (status != 0 && !done.isDone()) {
                fail(id, command, done, new IOException("it ended with exit status " + status));
            }
            done.complete(null);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            fail(id, command, done, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(id, command, done, e);
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static void fail(String id, List<String> command, CompletableFuture<Void> done, Throwable cause) {
        LOG.error(
                "dump.command gives no dump of worker {}: {}: {}",
                id,
                VisibleText.of(String.join(" ", command)),
                cause.getMessage());
        done.completeExceptionally(cause);
    }
}
