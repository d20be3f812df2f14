package org.handoff.http.message;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpRequest;
import org.handoff.http.internal.head.HeadScanner;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.head.RequestParser;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.http.routing.RequestTarget;

/**
 * Reads the head of one request as the engine does, for programs that pass the request on or answer it without serving
 * it: both refuse the same requests, and find the same end of a request. Allows the largest limits that an engine can
 * have. For one thread at a time.
 */
public final class HeadReader {

    /**
     * A complete head.
     *
     * @param target the request's target
     * @param length its bytes, with the empty lines before it and the one after it
     * @param isHead whether the method is HEAD
     * @param complete whether the head is the whole request
     * @param keepAlive whether the connection may stay open after the response
     * @param newerThan10 whether the client speaks HTTP/1.1 or later
     */
    public record Head(
            RequestTarget target,
            int length,
            boolean isHead,
            boolean complete,
            boolean keepAlive,
            boolean newerThan10) {}

    private final HeadScanner scanner = new HeadScanner(HttpLimits.LONGEST_REQUEST_LINE, HttpLimits.LONGEST_HEADER);
    /** The bytes of the empty lines before it. */
    private int start;

    /**
     * Reads on, after the bytes of earlier calls.
     *
     * @param bytes from the request's first one on: those of the earlier call, and more
     * @param length their number
     * @return null if the head is not complete
     * @throws MalformedRequestException if the request must not be served, with the status to answer; the connection
     *        must end then. Thrown as early as possible: the head need not be complete
     */
    public Head read(byte[] bytes, int length) throws MalformedRequestException {
        ByteBuf in = Unpooled.wrappedBuffer(bytes, 0, length).readerIndex(start);
        scanner.skipEmptyLines(in);
        start = in.readerIndex();
        return scanner.scan(in) ? decode(in) : null;
    }

    private static Head decode(ByteBuf in) throws MalformedRequestException {
        RequestParser parser = new RequestParser(HttpLimits.LONGEST_REQUEST_LINE, HttpLimits.LONGEST_HEADER);
        List<Object> pieces = new ArrayList<>(2);
        parser.parse(in, pieces);
        RequestHead head = RequestHead.check((HttpRequest) pieces.get(0));
        return new Head(
                head.target(),
                in.readerIndex(),
                head.isHead(),
                pieces.size() > 1,
                head.keepAlive(),
                head.newerThan10());
    }

    /** Whether it is a HEAD request, as far as it was read, also if it was refused: its response has no content. */
    public boolean isHead() {
        return scanner.isHead();
    }
}
