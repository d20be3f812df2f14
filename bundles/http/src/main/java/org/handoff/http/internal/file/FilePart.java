package org.handoff.http.internal.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

import org.handoff.http.FileInput;

/** A part of a file as a stream, which does not move the file's own position. */
public final class FilePart extends InputStream {

    private final FileInput part;
    private long at;

    public FilePart(FileInput part) {
        this.part = part;
        at = part.from();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = (int) Math.min(length, part.to() - at);
        if (count == 0) {
            return length == 0 ? 0 : -1;
        }
        int read = part.file().read(ByteBuffer.wrap(bytes, offset, count), at);
        if (read < 0) {
            throw new EOFException("A body's file is shorter than what was written to it");
        }
        at += read;
        return read;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, part.to() - at);
    }
}
