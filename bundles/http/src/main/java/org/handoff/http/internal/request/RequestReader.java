package org.handoff.http.internal.request;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.Router;
import org.handoff.http.internal.head.HeadScanner;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.head.RequestParser;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.routing.MalformedRequestException;

/**
 * Reads one request after the other from a connection's bytes. Takes no byte of a request before its head is complete
 * and routed to this engine, so that until then the bytes can be given away whole.
 */
public final class RequestReader {

    /** The progress of a request. */
    public enum Progress {
        /** No byte of it is here. */
        NONE,
        /** A part of its head is here, and all of it still in the buffer. */
        HEAD,
        /** Its head was taken, and its body is arriving. */
        BODY,
        /** It is complete. */
        COMPLETE,
        /** It is for another engine, and all of it still in the buffer. */
        FOREIGN
    }

    /**
     * The number of bytes that chunks may have beyond their content, so that endless tiny ones with long extensions
     * end.
     */
    private static final int FRAMING_ALLOWANCE = 64 * 1024;

    private static final int FRAMING_PER_BYTE = 16;
    /** The memory that a decoded head uses, by its bytes and its fields. */
    private static final long BYTES_PER_BYTE = 2;

    private static final long BYTES_PER_FIELD = 200;

    private final HttpLimits limits;
    private final MemoryBudget memory;
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
    /** The last byte taken of the framing, if no content followed. */
    private byte framingEnd;

    private boolean continueWanted;
    private long headBytes;
    private long bodyBytes;

    /** @param kept whether the owner keeps the bytes of requests, so that a large body need not be kept here too */
    public RequestReader(
            HttpLimits limits, MemoryBudget memory, boolean kept, Supplier<Router> router, ByteBufAllocator alloc) {
        this.limits = limits;
        this.memory = memory;
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
    public Progress read(ByteBuf in) throws MalformedRequestException, IOException {
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
        HttpRequest decoded = (HttpRequest) pieces.get(0);
        RequestHead checked = RequestHead.check(decoded);
        complete = pieces.size() > 1;
        pieces.clear();
        route = router.get().route(checked.target());
        if (route == null) {
            in.readerIndex(start);
            return false;
        }
        if (route.streaming() == null && !checked.target().isUtf8()) {
            throw new MalformedRequestException(400, "The path is not UTF-8");
        }
        if (checked.announcedLength() > limits.body()) {
            throw tooLarge();
        }
        continueWanted = checked.expectsContinue() && !complete;
        head = checked;
        headBytes = BYTES_PER_BYTE * (in.readerIndex() - start)
                + BYTES_PER_FIELD * decoded.headers().size();
        body = new RequestBody(limits, memory, kept, checked.announcedLength());
        return true;
    }

    private void readBody(ByteBuf in) throws MalformedRequestException, IOException {
        int start = in.readerIndex();
        parser.parse(in, pieces);
        bodyBytes += in.readerIndex() - start;
        try {
            checkTrailer(in, start);
            for (Object piece : pieces) {
                HttpContent content = (HttpContent) piece;
                if (content.decoderResult().isFailure()) {
                    throw new MalformedRequestException(
                            400, String.valueOf(content.decoderResult().cause().getMessage()));
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

    /** Refuses folded lines in a trailer, as in a header; the decoder would unfold them (RFC 9112, section 5.2). */
    private void checkTrailer(ByteBuf in, int start) throws MalformedRequestException {
        boolean framingOnly = pieces.isEmpty()
                || pieces.get(0) instanceof LastHttpContent last
                        && !last.content().isReadable();
        if (!framingOnly) {
            framingEnd = 0;
            return;
        }
        for (int i = start; i < in.readerIndex(); i++) {
            byte next = in.getByte(i);
            if (framingEnd == '\n' && (next == ' ' || next == '\t')) {
                throw new MalformedRequestException(400, "The trailer has a folded line");
            }
            framingEnd = next;
        }
    }

    private static MalformedRequestException tooLarge() {
        return new MalformedRequestException(413, "The body is too large");
    }

    /** Whether no byte of the current request has been taken. */
    public boolean between() {
        return head == null;
    }

    /** Whether the client waits for 100 Continue and was not sent one; true only once. */
    public boolean takeContinue() {
        boolean wanted = continueWanted && bodyBytes == 0;
        continueWanted = false;
        return wanted;
    }

    /** The number of bytes received of the body, with their framing. */
    public long bodyBytes() {
        return bodyBytes;
    }

    /** The estimated memory that the taken head uses; 0 for none. */
    public long headBytes() {
        return headBytes;
    }

    /** Whether the request that is being read is a HEAD request, also if it was refused. */
    public boolean isHead() {
        return scanner.isHead();
    }

    public RequestHead head() {
        return head;
    }

    public Router.Route route() {
        return route;
    }

    /** Takes the complete request's body, which the caller closes; the next request may be read. */
    public RequestBody takeBody() {
        RequestBody taken = body;
        reset();
        return taken;
    }

    private void reset() {
        scanner.reset();
        head = null;
        headBytes = 0;
        route = null;
        body = null;
        complete = false;
        framingEnd = 0;
        continueWanted = false;
        bodyBytes = 0;
    }

    /** Releases the present request. */
    public void drop() throws IOException {
        headBytes = 0;
        if (body != null) {
            RequestBody closed = body;
            body = null;
            closed.close();
        }
    }

    /** Releases the parser. */
    public void close() {
        parser.release();
    }
}
