package org.handoff.http.internal.response;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.head.ResponseHead;
import org.handoff.worker.api.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A response as its handler fills it. On the handlers' thread, until it is finished. */
public final class HandlerResponse implements Response {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerResponse.class);
    private static final int PIECE = 64 * 1024;
    private static final byte[] EMPTY = new byte[0];

    private final ResponseWriter out;
    private final ByteBufAllocator alloc;
    private final RequestHead request;
    private final ResponseHead head = new ResponseHead();
    private boolean keepAlive;
    private ResponsePhase phase = ResponsePhase.HEAD;
    private byte[] bytes = EMPTY;
    private FileInputStream file;
    private ResponseStream stream;

    public HandlerResponse(ResponseWriter out, ByteBufAllocator alloc, RequestHead request) {
        this.out = out;
        this.alloc = alloc;
        this.request = request;
        keepAlive = request.keepAlive();
    }

    private void checkFree() {
        if (phase != ResponsePhase.HEAD) {
            throw new IllegalStateException(
                    phase == ResponsePhase.OVER
                            ? "The response is over: its handler has returned"
                            : "The response's body has begun already");
        }
    }

    @Override
    public Response status(int status) {
        checkFree();
        head.status(status);
        return this;
    }

    @Override
    public Response header(String name, String value) {
        checkFree();
        head.set(name, value);
        return this;
    }

    @Override
    public Response addHeader(String name, String value) {
        checkFree();
        head.add(name, value);
        return this;
    }

    @Override
    public void send(byte[] body) {
        checkFree();
        bytes = Objects.requireNonNull(body, "body");
        phase = phase.become(ResponsePhase.BODY);
    }

    @Override
    public void send(String text) {
        checkFree();
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        if (!head.has("Content-Type")) {
            head.set("Content-Type", "text/plain; charset=utf-8");
        }
        send(encoded);
    }

    @Override
    public void send(Path path) throws IOException {
        checkFree();
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a regular file");
        }
        file = new FileInputStream(path.toFile());
        phase = phase.become(ResponsePhase.BODY);
    }

    @Override
    public OutputStream stream() {
        checkFree();
        phase = phase.become(ResponsePhase.BODY);
        stream = new ResponseStream(this, alloc);
        return stream;
    }

    /** Whether the client gets the head only. */
    boolean bodiless() {
        return request.isHead() || head.bodiless();
    }

    boolean newerThan10() {
        return request.newerThan10();
    }

    void write(ByteBuf data) throws IOException {
        out.write(data);
    }

    public boolean clientHasGone() {
        return out.isClosed();
    }

    /** Writes the head of a body of unknown length. */
    void writeHead(ByteBuf buffer) {
        keepAlive &= newerThan10();
        long unknown = newerThan10() ? ResponseHead.CHUNKED : ResponseHead.NO_LENGTH;
        head.write(buffer, head.bodiless() ? 0 : unknown, keepAlive, newerThan10());
    }

    void writeHead(ByteBuf buffer, long length) {
        head.write(buffer, length, keepAlive, newerThan10());
    }

    int headSize() {
        return head.size();
    }

    /** Sends the unsent part. No method may be called afterwards. */
    public void finish() throws IOException {
        phase = phase.become(ResponsePhase.OVER);
        if (stream != null) {
            ByteBuf last = stream.end();
            if (last == null) {
                out.endSafely(keepAlive);
            } else {
                out.writeAndEnd(last, keepAlive);
            }
        } else if (file != null) {
            finishFile();
        } else {
            finishBytes();
        }
    }

    private void finishFile() throws IOException {
        long length;
        ByteBuf buffer = alloc.directBuffer(headSize());
        ResponseFile region = null;
        try {
            length = file.getChannel().size();
            writeHead(buffer, length);
            if (length > 0 && !bodiless()) {
                region = new ResponseFile(file, length);
            }
        } finally {
            if (region == null) {
                file.close();
            }
        }
        if (region == null) {
            out.writeAndEnd(buffer, keepAlive);
            return;
        }
        out.writeAndEnd(buffer, region, keepAlive);
    }

    private void finishBytes() throws IOException {
        byte[] body = bytes;
        // This object lives until the client has all bytes, the body only until it is copied.
        bytes = EMPTY;
        int length = bodiless() ? 0 : body.length;
        int first = Math.min(length, PIECE);
        ByteBuf buffer = alloc.directBuffer(headSize() + first);
        writeHead(buffer, body.length);
        buffer.writeBytes(body, 0, first);
        for (int at = first; at < length; at += PIECE) {
            out.write(buffer);
            int count = Math.min(PIECE, length - at);
            buffer = alloc.directBuffer(count).writeBytes(body, at, count);
        }
        out.writeAndEnd(buffer, keepAlive);
    }

    /** Answers 500 in place of the handler's response, if none of it has left. @return whether that was possible */
    public boolean fail() throws IOException {
        if (phase == ResponsePhase.OVER || !abandon()) {
            return false;
        }
        stream = null;
        file = null;
        bytes = head.errorPage(500, 0);
        finish();
        return true;
    }

    /** Releases the unsent part. @return whether no byte was sent */
    public boolean abandon() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file of a response", e);
            }
        }
        return stream == null || stream.discard();
    }
}
