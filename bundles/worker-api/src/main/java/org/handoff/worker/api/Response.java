package org.handoff.worker.api;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

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

    // ---- asynchronous

    /**
     * Lets the handler return before the response is sent, by any thread: its worker serves other requests meanwhile.
     * The status and the fields set here are those of the later response. Nothing may be called here afterwards.
     *
     * @param limit after which the server itself answers; {@code http.async.timeout} at most
     * @param status of that answer, which has no body; so is the answer shortly before the worker ends
     * @throws IllegalArgumentException if the status is not between 200 and 599
     * @throws HttpException with 503 if there are {@code http.async.max} such responses in this worker
     * @throws UnsupportedOperationException if this server has no such responses, as LRWP peers have none
     */
    default AsyncResponse async(Duration limit, int status) {
        throw new UnsupportedOperationException("this server has no asynchronous responses");
    }

    /**
     * Begins a stream of server-sent events, as {@link EventStream} shows, and lets the handler return: its worker
     * serves other requests meanwhile.
     * Sets {@code Content-Type}, and {@code Cache-Control: no-store}. Nothing may be called here afterwards.
     *
     * @throws HttpException as {@link #async}
     * @throws UnsupportedOperationException as {@link #async}
     */
    default EventStream events() {
        throw new UnsupportedOperationException("this server has no asynchronous responses");
    }

    // ---- composed of these

    /**
     * Sends a part of an open file as the whole body, as {@link #send(Path)} sends all of it.
     *
     * @param file taken over, and closed by the server
     * @param offset of the first byte, whatever the stream's position is
     * @param length the number of bytes
     * @throws IOException if the file does not have so many bytes
     */
    default void send(FileInputStream file, long offset, long length) throws IOException {
        try (file;
                OutputStream body = stream()) {
            FileSender.copy(file, offset, length, body);
        }
    }

    /**
     * Answers with a file as its request asks: evaluates the conditions of RFC 9110, section 13, and the ranges of
     * section 14, and sends the whole file, a part of it, several parts, or 304, 412 or 416. Sets {@code ETag}, {@code
     * Last-Modified}, {@code Accept-Ranges} and {@code Content-Type}, which is by the file's name; the handler may have
     * set other fields, such as {@code Cache-Control}.
     *
     * <pre>{@code
     * response.header("Cache-Control", "max-age=3600");
     * response.sendFile(request, reports.resolve("today.pdf"));
     * }</pre>
     *
     * @throws IOException if it cannot be opened or is not a regular file; the handler may still send something else
     */
    default void sendFile(Request request, Path file) throws IOException {
        sendFile(request, file, MediaType.ofFileName(file.getFileName().toString()));
    }

    /**
     * Answers with a file of this media type, as {@link #sendFile(Request, Path)}.
     *
     * @throws IOException as there
     */
    default void sendFile(Request request, Path file, MediaType type) throws IOException {
        new FileSender(request, this).send(file, type.toString());
    }

    /**
     * Sets {@code Content-Type}.
     *
     * <pre>{@code
     * JSON.std.write(answer, response.contentType("application/json").stream());
     * }</pre>
     */
    default Response contentType(String type) {
        return header("Content-Type", type);
    }

    /** Sets {@code ETag} and {@code Last-Modified}, as far as they are known. */
    default Response validators(Validators current) {
        if (current.entityTag() != null) {
            header("ETag", current.entityTag());
        }
        if (current.lastModified() != null) {
            header("Last-Modified", HttpDate.of(current.lastModified()));
        }
        return this;
    }

    /** Sets a cookie, beside others. */
    default Response cookie(Cookie cookie) {
        return addHeader("Set-Cookie", cookie.toString());
    }

    /**
     * Sends the client elsewhere, by GET: answers 303 (See Other), as after a form was posted.
     *
     * @throws IllegalArgumentException as {@link #redirect(int, String)}
     */
    default void redirect(String location) {
        redirect(303, location);
    }

    /**
     * Sends the client elsewhere.
     *
     * <pre>{@code
     * response.redirect(308, "/new/place?from=old");
     * }</pre>
     *
     * @param status 301, 302, 303, 307 or 308
     * @param location a URI, absolute or relative to the request's (RFC 9110, section 10.2.2), percent-encoded
     * @throws IllegalArgumentException if the status is another one, or the location holds a space or a character
     *         outside ASCII
     */
    default void redirect(int status, String location) {
        if (!Set.of(301, 302, 303, 307, 308).contains(status)) {
            throw new IllegalArgumentException("the status " + status + " is not one of a redirection");
        }
        if (location.isEmpty() || !location.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("\"" + location + "\" is not a URI: percent-encode it");
        }
        status(status).header("Location", location).send(new byte[0]);
    }
}
