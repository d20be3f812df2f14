package org.handoff.http.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * A body of unknown length. Collects small writes into chunks; a body that ends before its first chunk is full is sent
 * with its length instead.
 */
final class ResponseStream extends OutputStream {

    private static final int CHUNK = 16 * 1024;
    /** Room for four hexadecimal digits and a line's end, before the content. */
    private static final int BEFORE = 6;
    /** Room for the chunk's end and the last chunk. */
    private static final int AFTER = 9;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private enum Phase {
        /** Nothing was sent. */
        COLLECTING,
        /** The head was sent, and maybe chunks. */
        SENDING,
        /** A write has failed: the body has a gap. */
        FAILED
    }

    private final HandlerResponse response;
    private final ByteBufAllocator alloc;
    private ByteBuf chunk;
    private long swallowed;
    private Phase phase = Phase.COLLECTING;
    /** The handler has closed the stream. The body ends when the handler returns: until then it may still fail. */
    private boolean closed;

    ResponseStream(HandlerResponse response, ByteBufAllocator alloc) {
        this.response = response;
        this.alloc = alloc;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (closed) {
            throw new IOException("The response's body has ended");
        }
        if (response.clientHasGone()) {
            throw new IOException("The client has gone");
        }
        if (response.bodiless()) {
            swallowed += length;
            return;
        }
        int at = offset;
        int left = length;
        while (left > 0) {
            if (chunk == null) {
                chunk = alloc.directBuffer(
                                Math.min(CHUNK, Math.max(left, 1024)) + BEFORE + AFTER, CHUNK + BEFORE + AFTER)
                        .writeZero(BEFORE);
            }
            int count = Math.min(left, CHUNK + BEFORE - chunk.writerIndex());
            chunk.writeBytes(data, at, count);
            at += count;
            left -= count;
            if (chunk.writerIndex() == CHUNK + BEFORE && left > 0) {
                flush();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (closed) {
            return;
        }
        if (phase == Phase.COLLECTING) {
            begin();
        } else if (chunk != null) {
            send(takeChunk(false));
        }
    }

    /** Sends the head, together with the first chunk if there is one: {@code ResponseWriter.holdBack} says why. */
    private void begin() throws IOException {
        phase = Phase.SENDING;
        ByteBuf head = alloc.directBuffer(response.headSize());
        response.writeHead(head);
        send(chunk == null ? head : Unpooled.wrappedBuffer(head, takeChunk(false)));
    }

    /** Takes the chunk, framed. */
    private ByteBuf takeChunk(boolean last) {
        ByteBuf ready = chunk;
        chunk = null;
        if (response.newerThan10()) {
            int size = ready.writerIndex() - BEFORE;
            for (int i = 0; i < 4; i++) {
                ready.setByte(i, HEX[size >> 12 - 4 * i & 15]);
            }
            ready.setByte(4, '\r').setByte(5, '\n');
            ByteBufUtil.writeAscii(ready, last ? "\r\n0\r\n\r\n" : "\r\n");
        } else {
            ready.readerIndex(BEFORE);
        }
        return ready;
    }

    @Override
    public void close() throws IOException {
        if (!closed && phase != Phase.COLLECTING) {
            flush();
        }
        closed = true;
    }

    /**
     * Ends the body.
     *
     * @return its last bytes, still to be sent; null for none
     * @throws IOException if a write has failed before, and the handler has ignored it: a body with a gap must not look
     *        complete
     */
    ByteBuf end() throws IOException {
        if (phase == Phase.FAILED) {
            discard();
            throw new IOException("A part of the response's body could not be sent");
        }
        closed = true;
        if (phase == Phase.COLLECTING) {
            return takeWhole();
        }
        if (chunk != null) {
            return takeChunk(true);
        }
        return response.newerThan10() && !response.bodiless() ? ByteBufUtil.writeAscii(alloc, "0\r\n\r\n") : null;
    }

    private void send(ByteBuf data) throws IOException {
        try {
            response.write(data);
        } catch (IOException e) {
            phase = Phase.FAILED;
            throw e;
        }
    }

    private ByteBuf takeWhole() {
        phase = Phase.SENDING;
        int length = chunk == null ? 0 : chunk.writerIndex() - BEFORE;
        ByteBuf whole = alloc.directBuffer(response.headSize() + length);
        response.writeHead(whole, length + swallowed);
        if (chunk != null) {
            whole.writeBytes(chunk, BEFORE, length);
            chunk.release();
            chunk = null;
        }
        return whole;
    }

    /** Drops unsent bytes, and ends. @return whether no byte was sent */
    boolean discard() {
        closed = true;
        if (chunk != null) {
            chunk.release();
            chunk = null;
        }
        return phase == Phase.COLLECTING;
    }
}
