package org.handoff.worker.runtime;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.handoff.worker.protocol.Scoreboard;

/** The one thread that calls handlers. It notes in the scoreboard which connection it works for, and since when. */
final class HandlerThread implements Executor {

    private final Scoreboard scoreboard;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, "handler"));
    private long next;

    HandlerThread(Scoreboard scoreboard) {
        this.scoreboard = scoreboard;
    }

    /**
     * Names the connection of the next task. The engine tells that a request is handled and then executes it, both on
     * the event loop and with nothing in between.
     */
    void next(long connection) {
        next = connection;
    }

    @Override
    public void execute(Runnable task) {
        long connection = next;
        thread.execute(() -> {
            scoreboard.handling(connection);
            try {
                task.run();
            } finally {
                scoreboard.handling(0);
            }
        });
    }

    void end() {
        thread.shutdown();
    }
}
