package org.handoff.http.internal.response;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** The body of a later response in pieces: collected until they are flushed, or many. For one thread at a time. */
final class LaterStream extends OutputStream {

    private static final int PIECE = 16 * 1024;

    private final LaterResponse later;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private boolean closed;

    LaterStream(LaterResponse later) {
        this.later = later;
    }

    @Override
    public void write(int one) throws IOException {
        collected.write(one);
        passLong();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int at = offset; at < offset + length; at += PIECE) {
            collected.write(bytes, at, Math.min(PIECE, offset + length - at));
            passLong();
        }
    }

    private void passLong() throws IOException {
        if (collected.size() >= PIECE) {
            flush();
        }
    }

    @Override
    public void flush() throws IOException {
        byte[] piece = collected.toByteArray();
        collected.reset();
        if (closed || !later.submitPiece(piece)) {
            throw new IOException("The response has ended: its client has gone or is too slow, or its time is over");
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            flush();
            closed = true;
            later.submit(0, later::end);
        }
    }
}
