package org.handoff.http;

import java.io.Closeable;

import io.netty.buffer.ByteBuf;

/**
 * The body of a request, as received, kept by the connection's owner.
 *
 * @param file its beginning, or null
 * @param rest the rest of it, maybe empty; released by the receiver of this object
 * @param use closed when the file is not read any more, on any thread; until then the owner leaves it as it is, even if
 *        the connection ends
 */
public record KeptBody(FileInput file, ByteBuf rest, Closeable use) {}
