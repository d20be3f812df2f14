package org.handoff.worker.pool.internal.dispatch;

import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;

/**
 * The target of one context whose code is on its way: requests wait, as long as they would for a worker, and are routed
 * again when the context has another target.
 */
public final class WaitingRoom implements Target {

    private final IoEventLoop loop;
    private final WaitingRooms all;
    private final WaitingQueue waiting = new WaitingQueue();
    private final Future<?> sweep;
    private boolean closed;

    /** @param all the rooms of its pool */
    WaitingRoom(IoEventLoop loop, WaitingRooms all) {
        this.loop = loop;
        this.all = all;
        this.sweep = loop.scheduleAtFixedRate(waiting::sweep, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void take(Connection connection) {
        if (closed) {
            // A monitor that stops has its last table to the end: to wait here again would be for ever.
            connection.unavailable(1);
        } else {
            all.add(waiting, connection);
        }
    }

    /** Routes all waiting requests again. To be called after this target was withdrawn; on any thread. */
    public void close() {
        loop.execute(() -> {
            closed = true;
            sweep.cancel(false);
            waiting.offer(
                    (connection, again) -> {
                        connection.giveBackUnchanged();
                        return true;
                    },
                    false);
            all.forget(waiting);
        });
    }

    @Override
    public String toString() {
        return "waiting";
    }
}
