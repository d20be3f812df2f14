package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;

import java.nio.charset.StandardCharsets;

/** The server's own answers: a status and its name, and nothing about the inside. */
final class ErrorPage {

    static final String TYPE = "text/plain; charset=utf-8";

    private ErrorPage() {
    }

    static byte[] text(int status) {
        return (status + " " + HttpResponseStatus.valueOf(status).reasonPhrase() + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The whole response, the last one of its connection. */
    static ByteBuf response(ByteBufAllocator alloc, int status, boolean headOnly) {
        ResponseHead head = new ResponseHead();
        head.status(status);
        head.set("Content-Type", TYPE);
        byte[] text = text(status);
        ByteBuf out = alloc.directBuffer(head.size() + text.length);
        head.write(out, text.length, false, true);
        return headOnly ? out : out.writeBytes(text);
    }
}
