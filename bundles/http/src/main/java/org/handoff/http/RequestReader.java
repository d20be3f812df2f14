package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.handoff.http.routing.MalformedRequestException;

/**
 * Reads one request after the other from a connection's bytes. Takes nothing of a request before its head is complete
 * and known to be ours, so that until then the bytes can be handed on whole.
 */
final class RequestReader {

    /** How far a request has come. */
    enum Progress {
        /** Not a byte of it is there. */
        NONE,
        /** A part of its head is there, and all of it still in the buffer. */
        HEAD,
        /** Its head was taken, its body is arriving. */
        BODY,
        /** It is complete. */
        COMPLETE,
        /** It is not ours, and all of it still in the buffer. */
        FOREIGN
    }

    /** What chunks may cost beyond their content, so that endless tiny ones with long extensions end. */
    private static final int FRAMING_ALLOWANCE = 64 * 1024;
    private static final int FRAMING_PER_BYTE = 16;

    private final HttpLimits limits;
    private final boolean kept;
    private final Supplier<Router> router;
    private final ByteBufAllocator alloc;
    private final RequestParser parser;
    private final HeadScanner scanner;
    private final List<Object> pieces = new ArrayList<>(2);

    private RequestHead head;
    private Router.Route route;
    private RequestBody body;
    private boolean complete;
    private boolean continueWanted;
    private long bodyBytes;

    /** @param kept whether somebody keeps the bytes of requests, so that a large body need not be kept here too */
    RequestReader(HttpLimits limits, boolean kept, Supplier<Router> router, ByteBufAllocator alloc) {
        this.limits = limits;
        this.kept = kept;
        this.router = router;
        this.alloc = alloc;
        parser = new RequestParser(limits.requestLine(), limits.header());
        scanner = new HeadScanner(limits.requestLine(), limits.header());
    }

    /**
     * Reads on.
     *
     * @throws MalformedRequestException if the request cannot be served; the connection must end then
     * @throws IOException if the body could not be kept
     */
    Progress read(ByteBuf in) throws MalformedRequestException, IOException {
        if (head == null) {
            scanner.skipEmptyLines(in);
            if (!in.isReadable() || in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '\r') {
                return Progress.NONE;
            }
            if (!scanner.scan(in)) {
                return Progress.HEAD;
            }
            if (!readHead(in)) {
                return Progress.FOREIGN;
            }
        }
        while (!complete && in.isReadable()) {
            int before = in.readableBytes();
            readBody(in);
            if (in.readableBytes() == before) {
                break;
            }
        }
        return complete ? Progress.COMPLETE : Progress.BODY;
    }

    private boolean readHead(ByteBuf in) throws MalformedRequestException {
        int start = in.readerIndex();
        parser.parse(in, pieces);
        RequestHead checked = RequestHead.check((HttpRequest) pieces.get(0));
        complete = pieces.size() > 1;
        pieces.clear();
        route = router.get().route(checked.target());
        if (route == null) {
            in.readerIndex(start);
            return false;
        }
        if (checked.announcedLength() > limits.body()) {
            throw tooLarge();
        }
        continueWanted = checked.expectsContinue() && !complete;
        head = checked;
        // Chunks stand between the bytes of their framing, and announce no length.
        body = new RequestBody(limits, kept && checked.announcedLength() > limits.bodyMemory());
        return true;
    }

    private void readBody(ByteBuf in) throws MalformedRequestException, IOException {
        int before = in.readableBytes();
        parser.parse(in, pieces);
        bodyBytes += before - in.readableBytes();
        try {
            for (Object piece : pieces) {
                HttpContent content = (HttpContent) piece;
                if (content.decoderResult().isFailure()) {
                    throw new MalformedRequestException(400,
                            String.valueOf(content.decoderResult().cause().getMessage()));
                }
                if (body.length() + content.content().readableBytes() > limits.body()) {
                    throw tooLarge();
                }
                body.add(alloc, content.content());
                complete = content instanceof LastHttpContent;
            }
        } finally {
            pieces.forEach(ReferenceCountUtil::release);
            pieces.clear();
        }
        if (bodyBytes - body.length() > FRAMING_ALLOWANCE + FRAMING_PER_BYTE * body.length()) {
            throw new MalformedRequestException(400, "The chunks are more framing than content");
        }
    }

    private static MalformedRequestException tooLarge() {
        return new MalformedRequestException(413, "The body is too large");
    }

    /** Whether no byte of the current request has been taken. */
    boolean between() {
        return head == null;
    }

    /** Whether the client asked to be told to go on, and was not told yet; tells so once. */
    boolean takeContinue() {
        boolean wanted = continueWanted && bodyBytes == 0;
        continueWanted = false;
        return wanted;
    }

    /** How many bytes of the body have come, with their framing. */
    long bodyBytes() {
        return bodyBytes;
    }

    /** Whether the request that is being read is a HEAD request, also where it was refused. */
    boolean isHead() {
        return scanner.isHead();
    }

    RequestHead head() {
        return head;
    }

    Router.Route route() {
        return route;
    }

    /** The complete request's body, which is the caller's from now on; the next request may be read. */
    RequestBody takeBody() {
        RequestBody taken = body;
        reset();
        return taken;
    }

    private void reset() {
        scanner.reset();
        head = null;
        route = null;
        body = null;
        complete = false;
        continueWanted = false;
        bodyBytes = 0;
    }

    /** Gives everything back. */
    void close() throws IOException {
        parser.release();
        if (body != null) {
            body.close();
            body = null;
        }
    }
}
