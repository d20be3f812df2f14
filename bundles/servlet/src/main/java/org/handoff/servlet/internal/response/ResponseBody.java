package org.handoff.servlet.internal.response;

import java.io.ByteArrayOutputStream;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.Executor;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

/** The body of a response: kept until it is long, flushed or complete, and passed on from then on. */
final class ResponseBody extends ServletOutputStream {

    /** Begins the response, which tells where its body goes. */
    @FunctionalInterface
    interface Commit {
        OutputStream begin() throws IOException;
    }

    static final int DEFAULT_SIZE = 32 * 1024;

    private final Commit commit;
    private final Object lock;
    private ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    private int size = DEFAULT_SIZE;
    /** Where it goes; null while it is kept. */
    private OutputStream out;

    private boolean flushLater;
    private boolean held;
    /** Lets a listener write; null as long as the response is not given later. */
    private Executor listeners;

    private WriteListener listener;
    private boolean draining;
    private boolean closed;
    private long length;

    ResponseBody(Object lock, Commit commit) {
        this.lock = lock;
        this.commit = commit;
    }

    boolean isCommitted() {
        return out != null || closed;
    }

    /** Whether the response has begun, and not only ended. */
    boolean isPassedOn() {
        return out != null;
    }

    int size() {
        return size;
    }

    void size(int wanted) {
        if (length > 0) {
            throw new IllegalStateException("the response's body has begun");
        }
        size = wanted;
    }

    void reset() {
        buffer.reset();
        length = 0;
    }

    /** Takes what a writer has kept, which flushes it for that: no reason to send it. */
    void drain(Flushable writer) throws IOException {
        draining = true;
        try {
            writer.flush();
        } finally {
            draining = false;
        }
    }

    /** Keeps all bytes, however many, until {@link #release}: the response may not be used now. */
    void hold(Executor executor) {
        held = true;
        listeners = executor;
    }

    /** The response may be used again. */
    void release() throws IOException {
        held = false;
        if (!closed && (flushLater || buffer.size() > size)) {
            flushLater = false;
            flush();
        }
        if (listener != null) {
            listeners.execute(this::letWrite);
        }
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        synchronized (lock) {
            if (closed) {
                // As in other containers: what comes after the end has no effect.
                return;
            }
            length += count;
            if (out == null && (held || buffer.size() + count <= size)) {
                buffer.write(bytes, offset, count);
                return;
            }
            begin();
            out.write(bytes, offset, count);
        }
    }

    private void begin() throws IOException {
        if (out == null) {
            out = commit.begin();
            buffer.writeTo(out);
            buffer = null;
        }
    }

    @Override
    public void flush() throws IOException {
        synchronized (lock) {
            if (closed || draining) {
                return;
            }
            if (held) {
                flushLater = true;
                return;
            }
            begin();
            out.flush();
        }
    }

    /** The servlet writes no more; the container sends the rest. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
    }

    /** The bytes that were kept, all of the body; null if the body was passed on. */
    byte[] whole() {
        return out == null ? buffer.toByteArray() : null;
    }

    /** Ends the body that was passed on. */
    void end() throws IOException {
        closed = true;
        out.close();
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void setWriteListener(WriteListener one) {
        Objects.requireNonNull(one, "listener");
        synchronized (lock) {
            if (listeners == null || listener != null) {
                throw new IllegalStateException(
                        listeners == null
                                ? "begin asynchronously before you set a listener"
                                : "the response's body has a listener already");
            }
            listener = one;
            if (held) {
                return;
            }
        }
        listeners.execute(this::letWrite);
    }

    /** A write waits for nothing but the server, so it is possible always. */
    private void letWrite() {
        try {
            listener.onWritePossible();
        } catch (IOException | RuntimeException e) {
            listener.onError(e);
        }
    }
}
