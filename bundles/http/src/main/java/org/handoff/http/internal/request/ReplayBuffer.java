package org.handoff.http.internal.request;

import io.netty.buffer.ByteBuf;

/**
 * The bytes taken from the wire for one request, as long as no handler was called for it: with them the request can be
 * given away whole. Up to a limit; a larger request stays with its worker.
 */
public final class ReplayBuffer {

    /** Together with the bytes read ahead, it fits into one frame of the worker protocol. */
    private static final int MOST = 32 * 1024;
    /** An array up to that size stays for the next request. */
    private static final int LASTING = 1024;

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int length;
    private boolean tooMany;

    /** Adds bytes taken from a buffer. */
    public void add(ByteBuf from, int index, int count) {
        if (tooMany || count == 0) {
            return;
        }
        if (length + count > MOST) {
            clear();
            tooMany = true;
            return;
        }
        if (length + count > bytes.length) {
            byte[] larger = new byte[Math.max(length + count, 2 * bytes.length)];
            System.arraycopy(bytes, 0, larger, 0, length);
            bytes = larger;
        }
        from.getBytes(index, bytes, length, count);
        length += count;
    }

    /** Whether all of the request is here. */
    public boolean isWhole() {
        return !tooMany;
    }

    /** Puts the kept bytes before others, which are released; the caller releases the result. */
    public ByteBuf before(ByteBuf rest) {
        try {
            return rest.alloc()
                    .buffer(length + rest.readableBytes())
                    .writeBytes(bytes, 0, length)
                    .writeBytes(rest);
        } finally {
            rest.release();
        }
    }

    /** Begins with the next request. */
    public void clear() {
        length = 0;
        tooMany = false;
        if (bytes.length > LASTING) {
            bytes = NOTHING;
        }
    }
}
