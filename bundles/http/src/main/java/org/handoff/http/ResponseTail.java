package org.handoff.http;

import java.io.FileDescriptor;

import io.netty.buffer.ByteBuf;

/**
 * The part of a response that its client has not taken, in a file: with it another process can write the rest if this
 * one ends. Offsets count the response's bytes, its head and framing included.
 *
 * @param file belongs to the engine, which may close it after the call; a receiver that needs it longer duplicates it.
 *        The unwritten part does not change any more
 * @param start the place in the file of the byte at {@code origin}; 0 for a ring
 * @param origin the offset of the first byte in the file; negative if the file begins before the response
 * @param capacity the size of the file's ring: the byte of an offset is at (offset - origin) modulo this; {@link
 *        #NO_RING} if it is at start + offset - origin
 * @param length of the response; the file has all unwritten bytes from {@code origin} up to here
 * @param keeps whether the connection is kept after the response
 * @param before the unwritten bytes directly before {@code origin}; mostly empty. Valid during the call
 */
public record ResponseTail(
        FileDescriptor file, long start, long origin, long capacity, long length, boolean keeps, ByteBuf before) {

    /** The capacity of a file that is no ring. */
    public static final long NO_RING = -1;
}
