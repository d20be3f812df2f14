package org.handoff.http.internal.response;

import java.util.List;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import org.handoff.http.StreamedResponse;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.head.ResponseHead;

/** The response that a streaming handler gives, on the event loop. */
public final class EventLoopResponse implements StreamedResponse {

    private static final int RETRY_AFTER_SECONDS = 1;
    /** A body up to this length is copied behind the head: one piece costs the kernel and the channel less than two. */
    private static final int SMALL = 4096;

    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};
    /** A length in hexadecimal digits and the ends of two lines. */
    private static final int CHUNK_FRAME = 8 + 2 * LINE_END.length;

    private final ResponseListener connection;
    private final GuardedTasks tasks;
    private final ResponseWriter out;
    private final ByteBufAllocator alloc;
    private final RequestHead request;
    private final ResponseHead head = new ResponseHead();
    private Listener listener;
    /** The head, as long as the first piece of the body may come in the same turn of the loop; else null. */
    private ByteBuf waiting;

    private long left;
    /**
     * Whether the length is unknown: the body goes in chunks, or for a client of HTTP/1.0 until the connection ends.
     */
    private boolean unknown;

    private boolean keepAlive;
    private ResponsePhase phase = ResponsePhase.HEAD;

    /** @param connection told if the response cannot be completed @param tasks of that connection */
    public EventLoopResponse(
            ResponseListener connection,
            GuardedTasks tasks,
            ResponseWriter out,
            ByteBufAllocator alloc,
            RequestHead request) {
        this.connection = connection;
        this.tasks = tasks;
        this.out = out;
        this.alloc = alloc;
        this.request = request;
        keepAlive = request.keepAlive();
    }

    @Override
    public void listener(Listener told) {
        listener = told;
    }

    @Override
    public void begin(int status, String reason, List<Map.Entry<String, String>> fields, long length) {
        if (phase != ResponsePhase.HEAD) {
            return;
        }
        head.reset();
        head.status(status);
        head.reason(reason);
        fields.forEach(field -> head.add(field.getKey(), field.getValue()));
        phase = phase.become(ResponsePhase.BODY);
        unknown = length < 0 && !head.bodiless();
        left = bodiless() || unknown ? 0 : length;
        keepAlive &= !unknown || request.isHead() || request.newerThan10();
        writeHead(
                !unknown ? Math.max(0, length) : request.newerThan10() ? ResponseHead.CHUNKED : ResponseHead.NO_LENGTH);
    }

    private boolean bodiless() {
        return request.isHead() || head.bodiless();
    }

    private void writeHead(long length) {
        waiting = alloc.directBuffer(head.size() + (left <= SMALL ? (int) left : 0));
        head.write(waiting, length, keepAlive, request.newerThan10());
        tasks.execute(this::sendHead);
    }

    private void sendHead() {
        if (waiting != null) {
            ByteBuf alone = waiting;
            waiting = null;
            offer(alone);
        }
    }

    private boolean offer(ByteBuf data) {
        return out.offer(data, this::room);
    }

    private void room() {
        if (phase != ResponsePhase.OVER) {
            listener.room();
        }
    }

    @Override
    public boolean write(ByteBuf data) {
        if (phase != ResponsePhase.BODY || bodiless()) {
            data.release();
            return true;
        }
        if (unknown) {
            return offerPiece(data);
        }
        left -= data.readableBytes();
        if (left < 0) {
            // More bytes than announced would be taken for the next response.
            data.release();
            cut();
            return true;
        }
        if (waiting == null || data.readableBytes() > waiting.writableBytes()) {
            sendHead();
            return offer(data);
        }
        ByteBuf both = waiting.writeBytes(data);
        waiting = null;
        data.release();
        return offer(both);
    }

    /** Sends a piece of a response of unknown length, as a chunk if the client understands chunks. */
    private boolean offerPiece(ByteBuf data) {
        sendHead();
        if (!data.isReadable() || !request.newerThan10()) {
            return offer(data);
        }
        ByteBuf chunk = alloc.directBuffer(data.readableBytes() + CHUNK_FRAME);
        ByteBufUtil.writeAscii(chunk, Integer.toHexString(data.readableBytes()));
        chunk.writeBytes(LINE_END).writeBytes(data).writeBytes(LINE_END);
        data.release();
        return offer(chunk);
    }

    @Override
    public void end() {
        if (phase == ResponsePhase.OVER) {
            return;
        }
        if (phase == ResponsePhase.HEAD || left != 0) {
            cut();
            return;
        }
        phase = phase.become(ResponsePhase.OVER);
        sendHead();
        if (unknown && request.newerThan10() && !request.isHead()) {
            offer(alloc.directBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK));
        }
        out.end(keepAlive);
    }

    @Override
    public void fail(int status) {
        fail(status, RETRY_AFTER_SECONDS);
    }

    @Override
    public void unavailable(int retrySeconds) {
        fail(503, retrySeconds);
    }

    private void fail(int status, int retrySeconds) {
        if (phase != ResponsePhase.HEAD) {
            if (phase == ResponsePhase.BODY) {
                cut();
            }
            return;
        }
        byte[] page = head.errorPage(status, status == 503 ? retrySeconds : 0);
        phase = phase.become(ResponsePhase.BODY);
        unknown = false;
        left = bodiless() ? 0 : page.length;
        writeHead(page.length);
        write(alloc.directBuffer(page.length).writeBytes(page));
        end();
    }

    private void cut() {
        phase = phase.become(ResponsePhase.OVER);
        tasks.execute(() -> connection.abandoned(ResponseListener.Abandonment.WRONG_LENGTH));
    }

    /** The client has closed its end. */
    public void inputEnded() {
        if (phase != ResponsePhase.OVER && listener != null) {
            listener.inputEnded();
        }
    }

    /** The connection has ended. */
    public void gone() {
        if (waiting != null) {
            waiting.release();
            waiting = null;
        }
        if (phase != ResponsePhase.OVER) {
            phase = phase.become(ResponsePhase.OVER);
            if (listener != null) {
                listener.gone();
            }
        }
    }
}
