package org.handoff.lrwp.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a body until its length is known: in memory while it is small, in a temporary file when it is not. */
final class BodyBuffer extends OutputStream {

    private static final int MEMORY = 256 * 1024;

    private ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private FileChannel file;
    private OutputStream toFile;
    private long length;
    private boolean closed;

    long length() {
        return length;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int count) throws IOException {
        if (closed) {
            throw new IOException("The response's body has ended");
        }
        if (file == null && length + count > MEMORY) {
            Path path = Files.createTempFile("lrwp-peer", null);
            file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            // Unlinked, it vanishes with the process.
            Files.delete(path);
            toFile = Channels.newOutputStream(file);
            memory.writeTo(toFile);
            memory = null;
        }
        if (file == null) {
            memory.write(data, offset, count);
        } else {
            toFile.write(data, offset, count);
        }
        length += count;
    }

    /** Ends the body; the written bytes stay. */
    @Override
    public void close() {
        closed = true;
    }

    void writeTo(OutputStream out) throws IOException {
        if (file == null) {
            memory.writeTo(out);
        } else {
            file.position(0);
            InputStream in = Channels.newInputStream(file);
            in.transferTo(out);
        }
    }

    void delete() throws IOException {
        closed = true;
        if (file != null) {
            file.close();
        }
    }
}
