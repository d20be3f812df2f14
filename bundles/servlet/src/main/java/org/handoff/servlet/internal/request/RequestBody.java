package org.handoff.servlet.internal.request;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.BooleanSupplier;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;

/** The body of a request, which has arrived completely: reading never waits for the client. */
final class RequestBody extends ServletInputStream {

    /** What a kept body has of the heap. */
    private static final int MEMORY = 4 * 1024;

    private static final int PIECE = 64 * 1024;

    private final BooleanSupplier async;
    private PushbackInputStream in;
    private boolean finished;
    private boolean listened;
    private KeptBodies kept;
    private long onDisk;

    /** @param async tells whether the request has begun asynchronously */
    RequestBody(InputStream in, BooleanSupplier async) {
        this.in = new PushbackInputStream(in);
        this.async = async;
    }

    /** Makes the unread part independent of the handler's request. @param room for what is long */
    void keep(KeptBodies room) throws IOException {
        if (finished) {
            return;
        }
        byte[] first = in.readNBytes(MEMORY);
        InputStream unread = new ByteArrayInputStream(first);
        if (first.length == MEMORY) {
            kept = room;
            unread = new SequenceInputStream(unread, onDisk());
        }
        in = new PushbackInputStream(unread);
    }

    private InputStream onDisk() throws IOException {
        Path file = Files.createTempFile("handoff-servlet", null);
        try {
            try (OutputStream out = Files.newOutputStream(file)) {
                byte[] piece = new byte[PIECE];
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    kept.take(count);
                    onDisk += count;
                    out.write(piece, 0, count);
                }
            }
            // The file goes with its last descriptor.
            return Files.newInputStream(file, StandardOpenOption.READ);
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public int read() throws IOException {
        int one = in.read();
        finished |= one < 0;
        return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        finished |= count < 0;
        return count;
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public boolean isFinished() {
        if (!finished) {
            try {
                int next = in.read();
                finished = next < 0;
                if (!finished) {
                    in.unread(next);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return finished;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
        Objects.requireNonNull(listener, "listener");
        if (listened || !async.getAsBoolean()) {
            throw new IllegalStateException(
                    listened
                            ? "the request's body has a listener already"
                            : "begin asynchronously before you set a listener");
        }
        listened = true;
        try {
            if (!isFinished()) {
                listener.onDataAvailable();
            }
            if (isFinished()) {
                listener.onAllDataRead();
            }
        } catch (IOException | RuntimeException e) {
            listener.onError(e);
        }
    }

    @Override
    public void close() throws IOException {
        finished = true;
        try {
            in.close();
        } finally {
            if (kept != null) {
                kept.giveBack(onDisk);
                onDisk = 0;
            }
        }
    }
}
