package org.handoff.http.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.internal.head.ResponseHead;

/** The server's own answers: a status and its reason phrase, and nothing about the inside. */
public final class ErrorPage {

    private static final int RETRY_AFTER_SECONDS = 1;

    /** The bytes after the head. */
    public enum Content {
        /** The page. */
        PAGE,
        /** None, in answer to a HEAD request; the head is that of the page. */
        HEAD_ONLY,
        /** None, as the head says: right in answer to any request. */
        EMPTY
    }

    private ErrorPage() {}

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
     * @param retryAfter in seconds, or 0 for a response that does not say when to try again
     * @param keepAlive whether the connection stays open
     * @param newerThan10 whether the client speaks HTTP/1.1 or later
     */
    public static void write(
            ByteBuf out, int status, int retryAfter, Content content, boolean keepAlive, boolean newerThan10) {
        ResponseHead head = new ResponseHead();
        byte[] page = head.errorPage(status, retryAfter);
        head.write(out, content == Content.EMPTY ? 0 : page.length, keepAlive, newerThan10);
        if (content == Content.PAGE) {
            out.writeBytes(page);
        }
    }
}
