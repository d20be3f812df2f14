package org.handoff.http.internal.request;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.EndOfDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooLongFormFieldException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooManyFormFieldsException;
import org.handoff.http.limits.HttpLimits;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Part;

/**
 * A form of the type {@code multipart/form-data}, by Netty's decoder: small parts in memory, others in files, until it
 * is closed. The body's own limit bounds all parts together.
 */
final class MultipartForm implements AutoCloseable {

    private static final int MOST_PARTS = 256;
    /** The longest header of a part, with its delimiter. */
    private static final int LONGEST_HEADER = 16 * 1024;

    /** RFC 2046, section 5.1.1. */
    private static final Pattern BOUNDARY = Pattern.compile("[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]");

    private static final int PIECE = 8 * 1024;
    /** The decoded bytes that the decoder may keep before it makes room. */
    private static final int DECODED = 64 * 1024;
    /** A part up to this length is kept in memory, of a form that is not. */
    private static final int SMALL_PART = 4 * 1024;

    private final DefaultHttpDataFactory factory;
    private final HttpPostMultipartRequestDecoder decoder;
    private final List<Part> parts = new ArrayList<>();

    /**
     * @param boundary as the media type's parameter says
     * @param length of the body
     * @throws HttpException with 400 if the boundary is none
     */
    MultipartForm(String boundary, long length, HttpLimits limits) {
        if (!BOUNDARY.matcher(boundary).matches()) {
            throw new HttpException(400, "a form without a boundary, or with a malformed one");
        }
        factory = new DefaultHttpDataFactory(
                length <= limits.bodyMemory() ? limits.bodyMemory() : SMALL_PART, StandardCharsets.UTF_8);
        factory.setBaseDir(limits.tempDir().toString());
        factory.setDeleteOnExit(false);
        // Not the client's request: the decoder fails at media types that are parsed here.
        HttpRequest typed = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        typed.headers().set(HttpHeaderNames.CONTENT_TYPE, "multipart/form-data; boundary=\"" + boundary + '"');
        decoder =
                new HttpPostMultipartRequestDecoder(factory, typed, StandardCharsets.UTF_8, MOST_PARTS, LONGEST_HEADER);
        decoder.setDiscardThreshold(DECODED);
    }

    /** Reads all parts. @throws HttpException if the body is malformed, or goes beyond a limit */
    List<Part> read(InputStream body) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
            decode(new DefaultHttpContent(Unpooled.wrappedBuffer(piece, 0, count)));
        }
        decode(LastHttpContent.EMPTY_LAST_CONTENT);
        if (!take()) {
            throw new HttpException(400, "a form without its end");
        }
        return List.copyOf(parts);
    }

    private void decode(HttpContent content) throws IOException {
        try {
            decoder.offer(content);
        } catch (TooManyFormFieldsException e) {
            throw new HttpException(413, "a form of more than " + MOST_PARTS + " parts", e);
        } catch (TooLongFormFieldException e) {
            throw new HttpException(413, "a part with a header of more than " + LONGEST_HEADER + " bytes", e);
        } catch (RuntimeException e) {
            // The decoder throws exceptions of all kinds at malformed forms.
            if (e.getCause() instanceof IOException cause) {
                throw new IOException("A part of a form cannot be kept", cause);
            }
            throw new HttpException(400, "a malformed form", e);
        }
    }

    /** @return whether the delimiter that ends the form was there */
    private boolean take() {
        try {
            while (decoder.hasNext()) {
                if (decoder.next() instanceof HttpData part) {
                    parts.add(new ReceivedPart(part));
                }
            }
        } catch (EndOfDataDecoderException e) {
            return true;
        }
        return false;
    }

    /** Deletes the parts. */
    @Override
    public void close() {
        decoder.destroy();
        factory.cleanAllHttpData();
    }
}
