package org.handoff.http.internal.response;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.FileInput;
import org.handoff.http.internal.file.FilePart;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.head.ResponseHead;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.EventStream;
import org.handoff.worker.api.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A response as its handler fills it. On the handlers' thread, until it is finished. */
public final class HandlerResponse implements Response {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerResponse.class);
    private static final int PIECE = 256 * 1024;
    private static final int RETRY_AFTER_SECONDS = 1;
    /** A longer file is sent as it is: compressing it would take a worker's processor for too long. */
    private static final int LONGEST_COMPRESSED = 8 << 20;

    private static final byte[] EMPTY = new byte[0];

    private final ResponseWriter out;
    private final ByteBufAllocator alloc;
    private final RequestHead request;
    private final HandlerOptions options;
    private final Supplier<LaterResponse> asynchronous;
    private final ResponseHead head = new ResponseHead();
    private boolean keepAlive;
    private ResponsePhase phase = ResponsePhase.HEAD;
    private byte[] bytes = EMPTY;
    private FileInputStream file;
    private long fileOffset;
    private long fileLength;
    private ResponseStream stream;
    /** Compresses what it passes to the stream; or null. */
    private Gzip.Stream gzip;

    private volatile LaterResponse later;

    /** @param asynchronous makes the response that is given later */
    public HandlerResponse(
            ResponseWriter out,
            ByteBufAllocator alloc,
            RequestHead request,
            HandlerOptions options,
            Supplier<LaterResponse> asynchronous) {
        this.out = out;
        this.alloc = alloc;
        this.request = request;
        this.options = options;
        this.asynchronous = asynchronous;
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
        FileInputStream opened = new FileInputStream(path.toFile());
        send(opened, 0, opened.getChannel().size());
    }

    @Override
    public void send(FileInputStream opened, long offset, long length) throws IOException {
        checkFree();
        if (offset < 0 || length < 0 || length > opened.getChannel().size() - offset) {
            opened.close();
            throw new IOException("The file does not have " + length + " bytes from " + offset + " on");
        }
        file = opened;
        fileOffset = offset;
        fileLength = length;
        phase = phase.become(ResponsePhase.BODY);
    }

    @Override
    public OutputStream stream() {
        checkFree();
        phase = phase.become(ResponsePhase.BODY);
        stream = new ResponseStream(this, alloc);
        return Gzip.applies(options, request, head, -1) ? compressed() : stream;
    }

    private OutputStream compressed() {
        try {
            gzip = new Gzip.Stream(stream);
            return gzip;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public AsyncResponse async(Duration limit, int status) {
        checkFree();
        Objects.requireNonNull(limit, "limit");
        // Throws for a status that is none.
        new ResponseHead().status(status);
        later = asynchronous.get();
        phase = phase.become(ResponsePhase.BODY);
        return new LaterAnswer(later, head, limit, status);
    }

    @Override
    public EventStream events() {
        checkFree();
        later = asynchronous.get();
        phase = phase.become(ResponsePhase.BODY);
        return new LaterEvents(later, head);
    }

    /** The response that is given after the handler has returned; null for none. Any thread. */
    public LaterResponse later() {
        return later;
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
        if (later != null) {
            later.start();
        } else if (stream != null) {
            finishStream();
        } else if (file == null) {
            finishBytes();
        } else if (fileLength <= LONGEST_COMPRESSED && Gzip.applies(options, request, head, fileLength)) {
            compressFile();
        } else {
            finishFile();
        }
    }

    private void finishStream() throws IOException {
        if (gzip != null) {
            gzip.close();
        }
        ByteBuf last = stream.end();
        if (last == null) {
            out.endSafely(keepAlive);
        } else {
            out.writeAndEnd(last, keepAlive);
        }
    }

    private void compressFile() throws IOException {
        stream = new ResponseStream(this, alloc);
        try (FileInputStream closed = file) {
            compressed();
            FilePart part = new FilePart(new FileInput(closed.getChannel(), fileOffset, fileOffset + fileLength));
            part.transferTo(gzip);
            finishStream();
        } catch (IOException | RuntimeException e) {
            abandon();
            throw e;
        }
    }

    private void finishFile() throws IOException {
        ByteBuf buffer = alloc.directBuffer(headSize());
        ResponseFile region = null;
        try {
            writeHead(buffer, fileLength);
            if (fileLength > 0 && !bodiless()) {
                region = new ResponseFile(file, fileOffset, fileLength);
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
        if (Gzip.applies(options, request, head, body.length)) {
            body = Gzip.compress(body);
        }
        // This object lives until the client has all bytes, the body only until it is copied.
        bytes = EMPTY;
        int length = bodiless() ? 0 : body.length;
        int first = Math.min(length, PIECE);
        ByteBuf buffer = alloc.directBuffer(headSize() + first);
        writeHead(buffer, body.length);
        buffer.writeBytes(body, 0, first);
        for (int at = first; at < length; at += PIECE) {
            out.writePiece(buffer);
            int count = Math.min(PIECE, length - at);
            buffer = alloc.directBuffer(count).writeBytes(body, at, count);
        }
        out.writeAndEnd(buffer, keepAlive);
    }

    /** Answers with an error in place of the handler's response, if none of it left. @return whether it was possible */
    public boolean fail(int status) throws IOException {
        if (phase == ResponsePhase.OVER || !abandon()) {
            return false;
        }
        if (later != null) {
            later.cancel();
            later = null;
        }
        gzip = null;
        stream = null;
        file = null;
        bytes = head.errorPage(status, status == 503 ? RETRY_AFTER_SECONDS : 0);
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
        if (gzip != null) {
            gzip.discard();
        }
        return stream == null || stream.discard();
    }
}
