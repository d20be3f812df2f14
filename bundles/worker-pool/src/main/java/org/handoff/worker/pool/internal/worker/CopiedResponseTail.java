package org.handoff.worker.pool.internal.worker;

import java.nio.ByteBuffer;

import org.handoff.monitor.api.ResponseTail;

/** The tail of a response, in memory. */
public record CopiedResponseTail(ByteBuffer bytes) implements ResponseTail {

    @Override
    public long length() {
        return bytes.remaining();
    }

    @Override
    public int memory() {
        return bytes.remaining();
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        into.put(bytes.slice(bytes.position() + (int) offset, into.remaining()));
    }

    @Override
    public void close() {
        // Memory needs no closing.
    }
}
