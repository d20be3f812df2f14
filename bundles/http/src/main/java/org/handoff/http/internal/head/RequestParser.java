package org.handoff.http.internal.head;

import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.routing.MalformedRequestException;

/**
 * Netty's request decoder, driven by hand. Outside a pipeline it takes nothing on its own, so that the bytes of a
 * request that is not ours, or not yet wanted, stay whole.
 */
public final class RequestParser extends HttpRequestDecoder {

    private static final int MAX_PIECE = 64 * 1024;

    public RequestParser(int maxLine, int maxHeader) {
        // The scanner holds heads to the limits; the decoder counts a trailer to the header and sees both.
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
     * @param out gets it, with its last piece where there is no body; the caller's to release. Empty after an exception
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

    /** Gives its buffer back. */
    public void release() {
        try {
            handlerRemoved0(null);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
