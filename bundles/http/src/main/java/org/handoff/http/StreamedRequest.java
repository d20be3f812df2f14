package org.handoff.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.routing.RequestTarget;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A complete request for a {@link StreamingHandler}, which closes it when it no longer needs the body. Fronts other
 * than the {@link org.handoff.http.engine.HttpEngine} may have an implementation of their own. For one thread at a
 * time.
 */
@ConsumerType
public interface StreamedRequest extends AutoCloseable {

    /** The method as sent, such as {@code GET}. */
    String method();

    /** The request target as sent: path and query, percent-encoded. */
    String target();

    /** The host, path and query of the target. */
    RequestTarget parsedTarget();

    /** The path, percent-decoded and without dot segments. */
    default String path() {
        return parsedTarget().path();
    }

    /** The query as sent, without its {@code ?}; empty for none. */
    default String query() {
        return parsedTarget().query();
    }

    /** The host the client asked for, without its port, in lower case; empty if the client named none. */
    default String host() {
        return parsedTarget().host();
    }

    /** The version as sent, such as {@code HTTP/1.1}. */
    String protocol();

    /** {@code http} or {@code https}. */
    String scheme();

    /** The header fields in order; those of one name may come several times. */
    Iterable<Map.Entry<String, String>> fields();

    /** The client's address and port. */
    InetSocketAddress client();

    /** The address and port the client is connected to. */
    InetSocketAddress server();

    /** The name of the user whom the front has authenticated; empty for none. */
    String user();

    /** The body's length in bytes; 0 for none. */
    long length();

    /**
     * Copies a piece of the body; any piece, as often as needed.
     *
     * @param offset where it begins, from 0 to the length
     * @param most its length in bytes, less at the body's end
     * @return the piece; the caller releases it
     * @throws IOException if the body was kept in a file that cannot be read
     */
    ByteBuf read(ByteBufAllocator alloc, long offset, int most) throws IOException;

    /** Releases the body. May be called more than once. */
    @Override
    void close();
}
