package org.handoff.worker.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One request of a client. Complete when the handler is called: reading the body never waits for the client. Used by
 * the handler's thread only, and until {@link Handler#handle} returns.
 *
 * <p>Methods that decode throw {@link HttpException} for what is malformed or too large; if the handler does not catch
 * it, the client is answered with its status.
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

    // ---- decoded

    /** The most bytes of a body that {@link #text} and {@link #formParameters} read: 1 MiB. */
    int TEXT_LIMIT = 1 << 20;

    /**
     * The parameters of the query, decoded.
     *
     * <pre>{@code
     * long page = request.queryParameters().number("page").orElse(1);
     * }</pre>
     *
     * @throws HttpException with 400 if an encoding is malformed
     */
    default Parameters queryParameters() {
        return Parameters.parse(query());
    }

    /**
     * The parameters of a form that was posted as {@code application/x-www-form-urlencoded}; none if the body is of
     * another type. Reads the body, so call it once.
     *
     * <pre>{@code
     * String name = request.formParameters().required("name");
     * }</pre>
     *
     * @throws HttpException with 400 if an encoding is malformed, with 413 if the body has more than {@value
     *         #TEXT_LIMIT} bytes
     * @throws IOException if the body cannot be read
     */
    default Parameters formParameters() throws IOException {
        boolean form = contentType()
                .filter(type ->
                        type.type().equals("application") && type.subtype().equals("x-www-form-urlencoded"))
                .isPresent();
        return Parameters.parse(form ? text() : "");
    }

    /**
     * The parts of a form that was posted as {@code multipart/form-data} (RFC 7578), in order. A large part is in a
     * temporary file; the parts are valid until {@link Handler#handle} returns. Reads the body, so call it once.
     *
     * <pre>{@code
     * for (Part part : request.parts()) {
     *     if (part.name().equals("photo")) {
     *         try (InputStream content = part.content()) {
     *             Files.copy(content, album.resolve(UUID.randomUUID() + ".jpg"));
     *         }
     *     }
     * }
     * }</pre>
     *
     * @throws HttpException with 415 if the body is of another type, with 400 if it is malformed, with 413 if it has too
     *         many parts or a part's header is too long
     * @throws IOException if the body cannot be read, or a part cannot be kept
     * @throws UnsupportedOperationException if this server has no decoder for forms, as LRWP peers have none
     */
    default List<Part> parts() throws IOException {
        throw new UnsupportedOperationException("this server does not decode multipart/form-data");
    }

    /**
     * The body as text, in the charset of its content type, by default UTF-8. Reads the body, so call it once.
     *
     * <pre>{@code
     * Order order = JSON.std.beanFrom(Order.class, request.text());
     * }</pre>
     *
     * @throws HttpException with 400 if it is not of that charset, with 413 if it has more than {@value #TEXT_LIMIT}
     *         bytes, with 415 if the charset is not known
     * @throws IOException if the body cannot be read
     */
    default String text() throws IOException {
        if (contentLength() > TEXT_LIMIT) {
            throw new HttpException(413, "a text of more than " + TEXT_LIMIT + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(body().readAllBytes());
        try {
            return contentType()
                    .flatMap(MediaType::charset)
                    .orElse(StandardCharsets.UTF_8)
                    .newDecoder()
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HttpException(400, "the body is not of its charset", e);
        }
    }

    /**
     * The media type of the body, with its charset; empty if the client sent none.
     *
     * @throws HttpException with 400 if it is malformed
     */
    default Optional<MediaType> contentType() {
        return headers()
                .first("Content-Type")
                .map(text ->
                        MediaType.parse(text).orElseThrow(() -> new HttpException(400, "a malformed Content-Type")));
    }

    /**
     * The one of the offered media types that the client prefers, by its field {@code Accept}; the first one of several
     * that it wants alike. Empty if the client accepts none of them; the usual answer is 406.
     *
     * <pre>{@code
     * MediaType type = request.preferred(JSON, HTML).orElseThrow(() -> new HttpException(406, "JSON or HTML"));
     * }</pre>
     */
    default Optional<MediaType> preferred(MediaType... offered) {
        return new Accept(headers().all("Accept")).preferred(offered);
    }

    /**
     * The value of a cookie; empty if the client sent none of this name.
     *
     * <pre>{@code
     * Session session = request.cookie("session").map(sessions::get).orElse(Session.NONE);
     * }</pre>
     */
    default Optional<String> cookie(String name) {
        return Optional.ofNullable(cookies().get(name));
    }

    /** The cookies by name, in order; of several with one name the first. Malformed ones are missing. Not modifiable. */
    default Map<String, String> cookies() {
        return ReceivedCookies.of(headers().all("Cookie"));
    }
}
