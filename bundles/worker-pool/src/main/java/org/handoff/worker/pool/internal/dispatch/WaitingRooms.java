package org.handoff.worker.pool.internal.dispatch;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

import io.netty.channel.IoEventLoop;
import org.handoff.monitor.api.Connection;
import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * The waiting rooms of a pool, which share {@code queue.length} places: there is one for each context whose code is on
 * its way, and clients choose which of them they fill. On the event loop only, but for {@link #open}.
 */
public final class WaitingRooms {

    private final IoEventLoop loop;
    private final Supplier<PoolPolicy> policy;
    private final Set<WaitingQueue> queues = new HashSet<>();

    /** @param policy called on the loop */
    public WaitingRooms(IoEventLoop loop, Supplier<PoolPolicy> policy) {
        this.loop = loop;
        this.policy = policy;
    }

    /** A new room, whose user closes it. Any thread may call it. */
    public WaitingRoom open() {
        return new WaitingRoom(loop, this);
    }

    /** Puts a connection into the queue of a room; if all rooms together are full, it is answered 503. */
    void add(WaitingQueue queue, Connection connection) {
        queues.add(queue);
        int length = policy.get().queueLength();
        if (waiting() >= length) {
            queues.forEach(WaitingQueue::forgetGone);
        }
        queue.add(
                connection,
                false,
                length - waiting() + queue.size(),
                policy.get().queueSeconds());
    }

    private int waiting() {
        return queues.stream().mapToInt(WaitingQueue::size).sum();
    }

    /** A room is closed and empty. */
    void forget(WaitingQueue queue) {
        queues.remove(queue);
    }
}
