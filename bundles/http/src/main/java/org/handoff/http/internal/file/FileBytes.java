package org.handoff.http.internal.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Pieces of files, read by offset. */
public final class FileBytes {

    private FileBytes() {}

    /**
     * Reads a piece.
     *
     * @param what the file is, for who reads of it that it is too short
     * @return the caller's to release
     * @throws IOException if the file has not so many bytes there, or they cannot be read
     */
    public static ByteBuf read(ByteBufAllocator alloc, FileChannel file, long at, int count, String what)
            throws IOException {
        ByteBuf piece = alloc.directBuffer(count);
        try {
            while (piece.readableBytes() < count) {
                long next = at + piece.readableBytes();
                if (piece.writeBytes(file, next, count - piece.readableBytes()) < 0) {
                    throw new EOFException(
                            what + " has " + next + " bytes; it should have " + (at + count) + " at least");
                }
            }
            return piece;
        } catch (IOException e) {
            piece.release();
            throw e;
        }
    }
}
