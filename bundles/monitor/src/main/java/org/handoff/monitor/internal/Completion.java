package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

import org.handoff.http.limits.MinimumRate;
import org.handoff.monitor.api.ResponseTail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tail of a response whose worker is dead, on its way to the client. On the event loop only. */
final class Completion {

    private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

    private final ResponseTail tail;
    private final boolean keep;
    private final Memory memory;
    private final MinimumRate pace = new MinimumRate();
    private long sent;

    /**
     * @param tail taken over
     * @param patience how long the client may take nothing
     * @param memory counts its bytes in memory
     */
    Completion(ResponseTail tail, boolean keep, Duration patience, Memory memory) {
        this.tail = tail;
        this.keep = keep;
        this.memory = memory;
        memory.add(tail.memory());
        pace.start(patience);
    }

    /** Whether the connection is kept after it. */
    boolean keeps() {
        return keep;
    }

    /**
     * Writes as much of the next piece as the client takes.
     *
     * @param buffer for the piece
     * @return whether all of the tail is written
     * @throws IOException if the client has gone, or the piece cannot be read
     */
    boolean write(ClientSocket socket, ByteBuffer buffer) throws IOException {
        int count = (int) Math.min(tail.length() - sent, buffer.capacity());
        if (count > 0) {
            try {
                tail.read(sent, buffer.clear().limit(count));
            } catch (IOException e) {
                LOG.warn("A response cannot be completed: its tail is not where the dead worker said", e);
                throw e;
            }
            sent += socket.send(buffer, count);
        }
        return sent == tail.length();
    }

    /** Whether the client is slower than allowed. */
    boolean late(long now) {
        return pace.late(now, sent);
    }

    void close() {
        memory.add(-tail.memory());
        try {
            tail.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the tail of a response", e);
        }
    }
}
