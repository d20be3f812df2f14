package org.handoff.lrwp.peer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The next bytes of a connection, of a given number. Closing ends the reading, not the connection. */
final class SizedInput extends InputStream {

    private final InputStream in;
    private final long length;
    private long left;

    SizedInput(InputStream in, long length) {
        this.in = in;
        this.length = length;
        left = length;
    }

    long length() {
        return length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
        if (left == 0) {
            return count == 0 ? 0 : -1;
        }
        int got = in.read(to, offset, (int) Math.min(count, left));
        if (got < 0) {
            throw new EOFException("the agent has closed the connection");
        }
        left -= got;
        return got;
    }

    @Override
    public int available() throws IOException {
        return (int) Math.min(left, in.available());
    }

    /** Skips unread bytes, so that the next request is found. */
    void skipRest() throws IOException {
        if (left > 0) {
            in.skipNBytes(left);
            left = 0;
        }
    }

    @Override
    public void close() {
        // No resources of its own.
    }
}
