package org.handoff.worker.api;

import java.io.InputStream;
import java.net.InetSocketAddress;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One request of a client. Complete when the handler is called: reading the body never waits for the client. Used by
 * the handler's thread only, and until {@link Handler#handle} returns.
 */
@ProviderType
public interface Request {

    /** The method as sent, such as {@code GET}. */
    String method();

    /** The request target as sent: path and query, percent-encoded. */
    String target();

    /**
     * The path: percent-decoded as UTF-8, with dot segments removed (RFC 3986, section 5.2.4). Begins with {@code /}.
     */
    String path();

    /** The context that matched, such as {@code /app}; {@code /} for the root context. */
    String context();

    /** The part of {@link #path} after the context: empty, or beginning with {@code /}. */
    String pathInfo();

    /** The query as sent, percent-encoded and without its {@code ?}; empty for none. */
    String query();

    /** The header fields. */
    Headers headers();

    /** The body's length in bytes; 0 for none. Known for a chunked body too. */
    long contentLength();

    /** The body, from its first byte; the same stream at each call. The server closes it. */
    InputStream body();

    /** The client's address and port, as the connection has them. */
    InetSocketAddress client();

    /** {@code http} or {@code https}. */
    String scheme();

    /** The host the client asked for, without its port, in lower case; empty if an HTTP/1.0 client sent none. */
    String host();
}
