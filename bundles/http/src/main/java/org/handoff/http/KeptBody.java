package org.handoff.http;

import java.io.Closeable;

import io.netty.buffer.ByteBuf;

/**
 * The body of a request, as it came, by an owner who keeps requests.
 *
 * @param file where it begins, or null
 * @param rest the rest of it, perhaps empty; whoever has this object releases it
 * @param use closed when the file is not read any more, on any thread; until then the owner leaves it as it is,
 *        whatever becomes of the connection
 */
public record KeptBody(FileInput file, ByteBuf rest, Closeable use) {}
