package org.handoff.worker.pool.internal.worker;

import java.io.IOException;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.SharedFile;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that a worker holds: its slot in the scoreboard, the file with those of its bytes for which the journal
 * has no room, and the file with the tail of its response. The worker may have written anything to the files, and may
 * report anything about them. On the event loop only.
 */
public final class HeldConnection {

    private static final Logger LOG = LoggerFactory.getLogger(HeldConnection.class);

    private final Connection connection;
    private final int slot;
    private final boolean again;
    /** The number of the client's bytes that had been read at the hand-off. */
    private final long position;
    /** The position of the first byte of the hand-off. */
    private final long first;
    /** The file of the hand-off, which is the connection's; or null. */
    private final SharedFile lent;

    private SharedFile file;
    /** The position of the file's first byte. */
    private long start;

    private KeptResponseTail tail;

    /** @param handedOff the bytes of the hand-off @param again whether another worker could not take it before */
    HeldConnection(Connection connection, UnusedBytes handedOff, int slot, boolean again) {
        this.connection = connection;
        this.slot = slot;
        this.again = again;
        SpilledBytes spilled = handedOff.spilled();
        position = handedOff.position();
        first = handedOff.first();
        lent = spilled == null ? null : spilled.file();
        file = lent;
        start = spilled == null ? 0 : handedOff.first() - spilled.offset();
    }

    Connection connection() {
        return connection;
    }

    int slot() {
        return slot;
    }

    boolean again() {
        return again;
    }

    /** As {@link UnusedBytes#position}, of the bytes of the hand-off. */
    long position() {
        return position;
    }

    /** As {@link UnusedBytes#first}, of the bytes of the hand-off. */
    long first() {
        return first;
    }

    /**
     * The worker has sent the tail of its response, in place of a former one.
     *
     * @param next closed here; null for none
     */
    void tail(KeptResponseTail next) {
        if (tail != null) {
            try {
                tail.close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file with the tail of a response of connection {}", connection.id(), e);
            }
        }
        tail = next;
        connection.keeps(next == null ? 0 : next.memory());
    }

    /** Whether the tail is that of the last response in the worker's record: {@link KeptResponseTail#isTailOf}. */
    boolean hasTailOf(MonitorScoreboard.Told told, long written) {
        return tail != null && tail.isTailOf(told, written);
    }

    /** The tail of the response, from here on the caller's. */
    KeptResponseTail takeTail() {
        KeptResponseTail taken = tail;
        tail = null;
        connection.keeps(0);
        return taken;
    }

    /**
     * The worker has sent another file for its requests.
     *
     * @param next closed here; null if it did not arrive
     * @param startsAt the position of its first byte
     */
    void file(SharedFile next, long startsAt) {
        closeFile();
        file = next;
        start = startsAt;
    }

    /**
     * The bytes between two positions, the first one being less.
     *
     * @return null if they are not in the file, which stays this object's until it is {@link #given}
     */
    SpilledBytes spilled(long from, long to) {
        if (file == null || from < start) {
            return null;
        }
        try {
            long size = file.size();
            if (size < to - start) {
                LOG.error(
                        "Connection {}: the file of its request has {} bytes; its worker announced {}",
                        connection.id(),
                        size,
                        to - start);
                return null;
            }
        } catch (IOException e) {
            LOG.error("Connection {}: the file of its request cannot be read", connection.id(), e);
            return null;
        }
        return new SpilledBytes(file, from - start, to - from);
    }

    /** The connection takes its file over, and closes it. */
    void given() {
        file = null;
    }

    /** Closes its files, but for a file of the connection's. */
    void close() {
        tail(null);
        closeFile();
    }

    private void closeFile() {
        if (file != null && file != lent) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file of connection {}", connection.id(), e);
            }
        }
        file = null;
    }
}
