package org.handoff.http.internal.request;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.EndOfDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.ErrorDataDecoderException;
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

    private static final int PIECE = 8 * 1024;
    /** A part up to this length is kept in memory, of a form that is not. */
    private static final int SMALL_PART = 4 * 1024;

    private final DefaultHttpDataFactory factory;
    private final HttpPostMultipartRequestDecoder decoder;
    private final List<Part> parts = new ArrayList<>();

    /** @param request has a boundary @param length of the body */
    MultipartForm(HttpRequest request, long length, HttpLimits limits) {
        factory = new DefaultHttpDataFactory(
                length <= limits.bodyMemory() ? limits.bodyMemory() : SMALL_PART, StandardCharsets.UTF_8);
        factory.setBaseDir(limits.tempDir().toString());
        factory.setDeleteOnExit(false);
        decoder = new HttpPostMultipartRequestDecoder(
                factory, request, StandardCharsets.UTF_8, MOST_PARTS, LONGEST_HEADER);
    }

    /** Reads all parts. @throws HttpException if the body is malformed, or goes beyond a limit */
    List<Part> read(InputStream body) throws IOException {
        try {
            byte[] piece = new byte[PIECE];
            for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
                decoder.offer(new DefaultHttpContent(Unpooled.wrappedBuffer(piece, 0, count)));
            }
            decoder.offer(LastHttpContent.EMPTY_LAST_CONTENT);
            return take();
        } catch (TooManyFormFieldsException e) {
            throw new HttpException(413, "a form of more than " + MOST_PARTS + " parts", e);
        } catch (TooLongFormFieldException e) {
            throw new HttpException(413, "a part with a header of more than " + LONGEST_HEADER + " bytes", e);
        } catch (ErrorDataDecoderException | IllegalArgumentException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new IOException("A part of a form cannot be kept", cause);
            }
            throw new HttpException(400, "a malformed form", e);
        }
    }

    private List<Part> take() {
        try {
            while (decoder.hasNext()) {
                if (decoder.next() instanceof HttpData part) {
                    parts.add(new ReceivedPart(part));
                }
            }
        } catch (EndOfDataDecoderException e) {
            // The delimiter that ends the form was there.
            return List.copyOf(parts);
        }
        throw new HttpException(400, "a form without its end");
    }

    /** Deletes the parts. */
    @Override
    public void close() {
        decoder.destroy();
        factory.cleanAllHttpData();
    }
}
