package org.handoff.http;

import java.io.FileDescriptor;

import io.netty.buffer.ByteBuf;

/**
 * What a client has not taken of a response whose handler is done, in a file: with it somebody else can write what this
 * process does not come to any more. Offsets count the response's bytes, its head and framing included.
 *
 * @param file belongs to the engine, which may close it after the call that brings it; who needs it longer duplicates
 *        it. The part that is not written yet does not change any more
 * @param origin the offset of the file's first byte; negative where the file begins before the response
 * @param capacity the file is a ring of so many bytes: the byte of an offset is at (offset - origin) modulo this;
 *        {@link #NO_RING} where it is at offset - origin
 * @param length of the response; the file has everything from {@code origin} up to here that is not written
 * @param keeps whether the connection is kept behind the response
 * @param before what is not written and comes directly before {@code origin}; mostly empty. Valid during the call
 */
public record ResponseTail(
        FileDescriptor file, long origin, long capacity, long length, boolean keeps, ByteBuf before) {

    /** The capacity of a file that is no ring. */
    public static final long NO_RING = -1;
}
