package org.handoff.socket;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

import org.newsclub.net.unix.FileDescriptorCast;

/**
 * An unlinked file that processes share by passing its descriptor; it vanishes when the last of them has closed it. All
 * access is by offset and by system calls, so that a file truncated by another process does no harm, and no process
 * moves another's position.
 *
 * <p>For one thread at a time.
 */
public final class SharedFile implements Closeable {

    private final int descriptor;
    private final FileInputStream stream;
    private final FileChannel in;
    private final FileChannel out;

    private SharedFile(FileDescriptor file, int descriptor) {
        this.descriptor = descriptor;
        // Each closes the descriptor, and with it the other one.
        stream = new FileInputStream(file);
        in = stream.getChannel();
        out = new FileOutputStream(file).getChannel();
    }

    /**
     * Makes an empty file, which the caller closes.
     *
     * @param directory in the file's file system
     * @throws IOException if it cannot be made, or the process has no descriptors left
     */
    public static SharedFile create(Path directory) throws IOException {
        Path path = Files.createTempFile(directory, "handoff-shared", null);
        try {
            FileDescriptor file = new RandomAccessFile(path.toFile(), "rw").getFD();
            return new SharedFile(file, FileDescriptorCast.using(file).as(Integer.class));
        } finally {
            Files.delete(path);
        }
    }

    /**
     * A file sent by another process. It may be anything: reading reports unreadable places.
     *
     * @param descriptor from here on it is this object's, which the caller closes
     */
    public static SharedFile of(int descriptor) throws IOException {
        return new SharedFile(FileDescriptorCast.unsafeUsing(descriptor).getFileDescriptor(), descriptor);
    }

    /** The descriptor's number, to be passed on. It belongs to this object. */
    public int descriptor() {
        return descriptor;
    }

    /** The file for readers by channels. It belongs to this object. */
    public FileChannel channel() {
        return in;
    }

    /** The number of its bytes; 0 if it is not a regular file. @throws IOException if the system refuses */
    public long size() throws IOException {
        return in.size();
    }

    /**
     * Fills what remains of a buffer.
     *
     * @param offset of the bytes in the file
     * @throws IOException if there are fewer, or they cannot be read
     */
    public void read(ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            int read = in.read(bytes, at);
            if (read < 0) {
                throw new EOFException(
                        "a shared file ends at " + at + ", " + bytes.remaining() + " bytes before it should");
            }
            at += read;
        }
    }

    /**
     * Writes what remains of a buffer.
     *
     * @param offset of the bytes in the file
     * @throws IOException if they cannot be written, all or in part
     */
    public void write(ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }

    /** Truncates the file to length 0. */
    public void clear() throws IOException {
        out.truncate(0);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
