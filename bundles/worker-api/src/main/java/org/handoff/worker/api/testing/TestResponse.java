package org.handoff.worker.api.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.EventStream;
import org.handoff.worker.api.Headers;
import org.handoff.worker.api.Response;

/**
 * A {@link Response} that keeps what a handler answered, and refuses what a server would refuse. It shows what the
 * handler said, not what a server makes of it: fields the server adds are missing, and the body is kept for HEAD too.
 */
public final class TestResponse implements Response {

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");
    private static final Set<String> SERVERS_OWN =
            Set.of("connection", "transfer-encoding", "content-length", "date", "keep-alive", "upgrade", "trailer");

    private final TestHeaders headers = new TestHeaders();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status = 200;
    private boolean begun;
    private boolean ended;
    private boolean streaming;
    private boolean cut;
    private Runnable whenEnded = () -> {};

    /** The status. */
    public int status() {
        return status;
    }

    /** The header fields the handler set. */
    public Headers headers() {
        return headers;
    }

    /** The body so far. */
    public byte[] body() {
        return body.toByteArray();
    }

    /** The body so far, read as UTF-8. */
    public String text() {
        return body.toString(StandardCharsets.UTF_8);
    }

    @Override
    public Response status(int value) {
        requireNotBegun();
        if (value < 200 || value > 599) {
            throw new IllegalArgumentException("status " + value + " is not between 200 and 599");
        }
        status = value;
        return this;
    }

    @Override
    public Response header(String name, String value) {
        requireField(name, value);
        headers.set(name, value);
        return this;
    }

    @Override
    public Response addHeader(String name, String value) {
        requireField(name, value);
        headers.add(name, value);
        return this;
    }

    @Override
    public void send(byte[] bytes) {
        begin();
        body.writeBytes(bytes);
    }

    @Override
    public void send(String text) {
        requireNotBegun();
        if (headers.first("Content-Type").isEmpty()) {
            headers.set("Content-Type", "text/plain; charset=utf-8");
        }
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void send(Path file) throws IOException {
        requireNotBegun();
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a regular file");
        }
        byte[] bytes = Files.readAllBytes(file);
        send(bytes);
    }

    @Override
    public OutputStream stream() {
        begin();
        return body;
    }

    @Override
    public AsyncResponse async(Duration limit, int atLimit) {
        int own = status;
        status(atLimit).status(own);
        begin();
        return new TestAsyncResponse(this);
    }

    @Override
    public EventStream events() {
        header("Content-Type", "text/event-stream").header("Cache-Control", "no-store");
        begin();
        return new TestEventStream(this);
    }

    /** Adds to the body of a response whose handler has returned. @return false if it has ended */
    boolean append(byte[] bytes) {
        if (!ended) {
            body.writeBytes(bytes);
        }
        return !ended;
    }

    /** Changes the head of a response whose handler has returned. */
    void change(Runnable change) {
        begun = ended || streaming;
        change.run();
        begun = true;
    }

    void whenEnded(Runnable task) {
        whenEnded = task;
        if (ended) {
            task.run();
        }
    }

    /** Whether an asynchronous response, or a stream of events, has ended. */
    public boolean hasEnded() {
        return ended;
    }

    /** Whether an asynchronous response was ended by {@link AsyncResponse#cut}. */
    public boolean wasCut() {
        return cut;
    }

    /** Begins the body of an asynchronous response. */
    void beginLater() {
        if (streaming) {
            throw new IllegalStateException("the body has begun");
        }
        streaming = true;
    }

    boolean isStreaming() {
        return streaming;
    }

    void cut() {
        cut |= !ended;
        leave();
    }

    /** Lets the client of an asynchronous response, or of a stream of events, leave. */
    public void leave() {
        if (!ended) {
            ended = true;
            whenEnded.run();
        }
    }

    private void begin() {
        requireNotBegun();
        begun = true;
    }

    private void requireNotBegun() {
        if (begun) {
            throw new IllegalStateException("the body has begun");
        }
    }

    private void requireField(String name, String value) {
        requireNotBegun();
        if (!TOKEN.matcher(name).matches()) {
            throw new IllegalArgumentException("the field name \"" + name + "\" is not a token");
        }
        if (CONTROL.matcher(value).find()) {
            throw new IllegalArgumentException("the value of " + name + " holds a control character");
        }
        if (SERVERS_OWN.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("the server sets " + name + " itself");
        }
    }
}
