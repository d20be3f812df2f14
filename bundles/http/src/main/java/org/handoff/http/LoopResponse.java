package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.util.List;
import java.util.Map;

/** The response that a streaming handler gives, on the event loop. */
final class LoopResponse implements StreamedResponse {

    private static final int RETRY_AFTER_SECONDS = 1;
    /** A body up to this length is copied behind the head: one piece costs everybody after us less than two. */
    private static final int SMALL = 4096;

    private final ServerConnection connection;
    private final Outbound out;
    private final ByteBufAllocator alloc;
    private final RequestHead request;
    private final ResponseHead head = new ResponseHead();
    private Listener listener;
    /** The head, as long as the first piece of the body may come in the same turn of the loop; else null. */
    private ByteBuf waiting;
    private long left;
    private boolean begun;
    private boolean over;

    LoopResponse(ServerConnection connection, Outbound out, ByteBufAllocator alloc, RequestHead request) {
        this.connection = connection;
        this.out = out;
        this.alloc = alloc;
        this.request = request;
    }

    @Override
    public void listener(Listener told) {
        listener = told;
    }

    @Override
    public void begin(int status, List<Map.Entry<String, String>> fields, long length) {
        if (begun || over) {
            return;
        }
        head.reset();
        head.status(status);
        fields.forEach(field -> head.add(field.getKey(), field.getValue()));
        begun = true;
        left = bodiless() ? 0 : length;
        writeHead(length);
    }

    private boolean bodiless() {
        return request.isHead() || head.bodiless();
    }

    private void writeHead(long length) {
        waiting = alloc.directBuffer(head.size() + (left <= SMALL ? (int) left : 0));
        head.write(waiting, length, request.keepAlive(), request.newerThan10());
        connection.execute(this::sendHead);
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
        if (!over) {
            listener.room();
        }
    }

    @Override
    public boolean write(ByteBuf data) {
        if (over || !begun || bodiless()) {
            data.release();
            return true;
        }
        left -= data.readableBytes();
        if (left < 0) {
            // More than announced would be taken for the next response.
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

    @Override
    public void end() {
        if (over) {
            return;
        }
        if (!begun || left != 0) {
            cut();
            return;
        }
        over = true;
        sendHead();
        out.end(request.keepAlive());
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
        if (over) {
            return;
        }
        if (begun) {
            cut();
            return;
        }
        byte[] text = ErrorPage.text(status);
        head.reset();
        head.status(status);
        head.set("Content-Type", ErrorPage.TYPE);
        if (status == 503) {
            head.set("Retry-After", Integer.toString(retrySeconds));
        }
        begun = true;
        left = bodiless() ? 0 : text.length;
        writeHead(text.length);
        write(alloc.directBuffer(text.length).writeBytes(text));
        end();
    }

    private void cut() {
        over = true;
        connection.execute(connection::abort);
    }

    /** The connection has ended. */
    void gone() {
        if (waiting != null) {
            waiting.release();
            waiting = null;
        }
        if (!over) {
            over = true;
            if (listener != null) {
                listener.gone();
            }
        }
    }
}
