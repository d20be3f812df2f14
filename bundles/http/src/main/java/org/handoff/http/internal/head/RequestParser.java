package org.handoff.http.internal.head;

import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.routing.MalformedRequestException;

/**
 * Netty's request decoder, driven by hand. Outside a pipeline it takes no byte by itself, so that the bytes of a
 * foreign or early request stay whole.
 */
public final class RequestParser extends HttpRequestDecoder {

    private static final int MAX_PIECE = 64 * 1024;

    public RequestParser(int maxLine, int maxHeader) {
        // The scanner enforces the limits of heads; the decoder counts a trailer with the header.
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(maxLine)
                .setMaxHeaderSize(2 * maxHeader)
                .setMaxChunkSize(MAX_PIECE)
                .setValidateHeaders(true)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true));
    }

    /**
     * Takes the next piece of a message from the buffer, if it is there.
     *
     * @param out gets the piece, with its last piece if there is no body; the caller releases them. Empty after an
     *        exception
     */
    public void parse(ByteBuf in, List<Object> out) throws MalformedRequestException {
        try {
            decode(null, in, out);
        } catch (Exception e) {
            out.forEach(ReferenceCountUtil::release);
            out.clear();
            throw new MalformedRequestException(400, String.valueOf(e.getMessage()));
        }
    }

    /** Releases its buffer. */
    public void release() {
        try {
            handlerRemoved0(null);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
