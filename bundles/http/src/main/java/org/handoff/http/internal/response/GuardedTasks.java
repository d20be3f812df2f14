package org.handoff.http.internal.response;

import java.util.function.Consumer;

import io.netty.channel.EventLoop;
import org.handoff.http.loop.SharedLoop;

/**
 * Runs tasks of one connection on the event loop, and tells the connection of an error of the JVM, which the loop would
 * only log.
 */
public final class GuardedTasks {

    private final EventLoop loop;
    private final Consumer<Error> broken;

    /** @param broken told of an error, on the event loop */
    public GuardedTasks(EventLoop loop, Consumer<Error> broken) {
        this.loop = loop;
        this.broken = broken;
    }

    /** Runs a task on the event loop, soon. Any thread may call it. */
    public void execute(Runnable task) {
        loop.execute(() -> run(task));
    }

    /**
     * Runs what waits for the event loop now, if the loop is on the handlers' thread. Called on that thread, without a
     * lock.
     */
    void runWaiting() {
        if (loop instanceof SharedLoop shared) {
            shared.runTasks();
        }
    }

    /** Leaves the event loop to another thread, if it is on the handlers' thread. Called on that thread. */
    void leaveLoop() {
        if (loop instanceof SharedLoop shared) {
            shared.leave();
        }
    }

    /** Runs a task now. Called on the event loop. */
    public void run(Runnable task) {
        try {
            task.run();
        } catch (Error e) {
            broken.accept(e);
        }
    }
}
