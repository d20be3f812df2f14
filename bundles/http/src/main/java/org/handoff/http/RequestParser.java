package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

import java.util.List;

/**
 * Netty's request decoder, driven by hand. Outside a pipeline it takes nothing on its own, so that the bytes of a
 * request that is not ours, or not yet wanted, stay whole.
 */
final class RequestParser extends HttpRequestDecoder {

    private static final int MAX_PIECE = 64 * 1024;

    RequestParser(HttpLimits limits) {
        // The scanner holds heads to the limits; the decoder counts a trailer to the header and sees both.
        super(new HttpDecoderConfig().setMaxInitialLineLength(limits.requestLine())
                .setMaxHeaderSize(2 * limits.header()).setMaxChunkSize(MAX_PIECE).setValidateHeaders(true)
                .setAllowDuplicateContentLengths(false).setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true));
    }

    /** Takes the next piece of a message from the buffer, if it is there. */
    void parse(ByteBuf in, List<Object> out) throws Exception {
        decode(null, in, out);
    }

    /** Gives its buffer back. */
    void release() {
        try {
            handlerRemoved0(null);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
