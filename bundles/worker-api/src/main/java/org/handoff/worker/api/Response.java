package org.handoff.worker.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The response to one request: first status and header fields, then the body by one of {@link #send(byte[])}, {@link
 * #send(String)}, {@link #send(Path)} and {@link #stream()}. Used by the handler's thread only, and until {@link
 * Handler#handle} returns.
 *
 * <p>The server adds {@code Date}, {@code Content-Length} or chunking and {@code Connection} itself, and omits the body
 * where HTTP has none (HEAD, 204, 304). A handler never waits for a slow client: bytes that the client does not take at
 * once are kept for it.
 *
 * <p>Every method that changes the status, the header or begins a body throws {@link IllegalStateException} once the
 * body has begun.
 */
@ProviderType
public interface Response {

    /**
     * Sets the status; 200 by default.
     *
     * @throws IllegalArgumentException if it is not between 200 and 599 (informational responses are the server's)
     */
    Response status(int status);

    /**
     * Sets a header field, in place of all its earlier values.
     *
     * @throws IllegalArgumentException if the name is not a token or the value holds a control character, so that no
     *         value can smuggle in another field (RFC 9110, section 5.5), or if the field is one the server sets
     *         itself: {@code Connection}, {@code Transfer-Encoding}, {@code Content-Length}, {@code Date},
     *         {@code Keep-Alive}, {@code Upgrade}, {@code Trailer}
     */
    Response header(String name, String value);

    /**
     * Adds a header field beside its earlier values, as {@code Set-Cookie} needs.
     *
     * @throws IllegalArgumentException as {@link #header}
     */
    Response addHeader(String name, String value);

    /** Sends the bytes as the whole body. The array must not be changed until the handler returns. */
    void send(byte[] body);

    /**
     * Sends the text as the whole body, in UTF-8; the content type is {@code text/plain; charset=utf-8} if none was
     * set.
     */
    void send(String text);

    /**
     * Sends a file as the whole body, by the kernel's {@code sendfile}: no byte of it is copied through the worker.
     * The file is opened before the method returns and may be deleted then; it must not be made shorter while it is
     * being sent.
     *
     * @throws IOException if it cannot be opened or is not a regular file; the handler may still send something else
     */
    void send(Path file) throws IOException;

    /**
     * Begins a body of unknown length, sent in chunks (to an HTTP/1.0 client: until the connection closes). {@link
     * OutputStream#flush} sends the bytes written so far; small writes are collected until then. The body ends when the
     * handler returns, whether it has closed the stream or not: after an exception it never looks complete to the
     * client.
     *
     * <p>Its methods throw {@link IOException} once the client has gone, as the rest is of no use then.
     */
    OutputStream stream();
}
