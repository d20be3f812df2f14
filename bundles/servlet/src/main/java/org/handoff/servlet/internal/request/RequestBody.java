package org.handoff.servlet.internal.request;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;

/** The body of a request, which has arrived completely: reading never waits for the client. */
final class RequestBody extends ServletInputStream {

    private static final int MEMORY = 64 * 1024;

    private InputStream in;
    private boolean finished;

    RequestBody(InputStream in) {
        this.in = in;
    }

    /** Makes the unread part independent of the handler's request. */
    void keep() throws IOException {
        if (finished) {
            return;
        }
        byte[] first = in.readNBytes(MEMORY);
        if (first.length < MEMORY) {
            in = new ByteArrayInputStream(first);
            return;
        }
        Path file = Files.createTempFile("handoff-servlet", null);
        try {
            try (var out = Files.newOutputStream(file)) {
                out.write(first);
                in.transferTo(out);
            }
            // The file goes with its last descriptor.
            in = Files.newInputStream(file, StandardOpenOption.READ);
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
        return finished;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
        try {
            listener.onDataAvailable();
            if (finished) {
                listener.onAllDataRead();
            }
        } catch (IOException e) {
            listener.onError(e);
        }
    }

    @Override
    public void close() throws IOException {
        finished = true;
        in.close();
    }
}
