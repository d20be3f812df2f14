package org.handoff.http.message;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.handoff.http.internal.head.ResponseHead;

/** The server's own answers: a status and its name, and nothing about the inside. */
public final class ErrorPage {

    private static final int RETRY_AFTER_SECONDS = 1;

    public static final String TYPE = "text/plain; charset=utf-8";

    /** What comes behind the head. */
    public enum Content {
        /** The page. */
        PAGE,
        /** Nothing, in answer to a HEAD request; the head is that of the page. */
        HEAD_ONLY,
        /** Nothing, as the head says: right in answer to any request. */
        EMPTY
    }

    private ErrorPage() {}

    public static byte[] text(int status) {
        return (status + " " + HttpResponseStatus.valueOf(status).reasonPhrase() + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The whole response, the last one of its connection. */
    public static ByteBuf response(ByteBufAllocator alloc, int status, boolean headOnly) {
        ByteBuf out = alloc.directBuffer();
        write(
                out,
                status,
                status == 503 ? RETRY_AFTER_SECONDS : 0,
                headOnly ? Content.HEAD_ONLY : Content.PAGE,
                false,
                true);
        return out;
    }

    /**
     * Writes a whole response.
     *
     * @param status 400 to 599
     * @param retryAfter in seconds, or 0 where nothing is said of that
     * @param keepAlive whether the connection stays open
     * @param newerThan10 whether the client speaks HTTP/1.1 or later
     */
    public static void write(
            ByteBuf out, int status, int retryAfter, Content content, boolean keepAlive, boolean newerThan10) {
        ResponseHead head = new ResponseHead();
        head.status(status);
        head.set("Content-Type", TYPE);
        if (retryAfter > 0) {
            head.set("Retry-After", Integer.toString(retryAfter));
        }
        byte[] text = content == Content.EMPTY ? new byte[0] : text(status);
        head.write(out, text.length, keepAlive, newerThan10);
        if (content == Content.PAGE) {
            out.writeBytes(text);
        }
    }
}
