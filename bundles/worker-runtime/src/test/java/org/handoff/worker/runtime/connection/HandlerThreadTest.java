package org.handoff.worker.runtime.connection;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Scoreboard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the thread that calls handlers knows of their times. */
class HandlerThreadTest {

    @TempDir
    Path folder;

    @Test
    void aSingleRequestThatTookLongIsSoonForgotten() throws Exception {
        Path file = folder.resolve("scoreboard");
        try (MonitorScoreboard monitors = MonitorScoreboard.create(file)) {
            HandlerThread handlers = new HandlerThread(Scoreboard.open(file), 0);
            CompletableFuture<Void> done = new CompletableFuture<>();
            handlers.listener(new HandlerThread.Listener() {
                @Override
                public void idle() {
                    done.complete(null);
                }

                @Override
                public void quotaReached() {
                    throw new IllegalStateException("it may begin any number");
                }

                @Override
                public void unwatched() {
                    throw new IllegalStateException("the loop is not on this thread");
                }

                @Override
                public void broken(Error cause) {
                    done.completeExceptionally(cause);
                }
            });
            handlers.execute(() -> {
                handlers.begin(1);
                long since = System.nanoTime();
                while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(100)) {
                    Thread.onSpinWait();
                }
            });
            done.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            handlers.shutdown();
            // A few quick ones bring that down to half of it, at which a worker is quick.
            assertTrue(handlers.averageNanos() <= TimeUnit.MILLISECONDS.toNanos(1), handlers.averageNanos() + " ns");
        }
    }
}
