package org.handoff.http.internal.response;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

import org.handoff.http.internal.head.ResponseHead;
import org.handoff.worker.api.AsyncResponse;

/** A whole response that is given later. */
final class LaterAnswer implements AsyncResponse {

    private static final byte[] EMPTY = {};

    private final LaterResponse later;
    private final ResponseHead head;
    private boolean sent;

    /**
     * @param head with what the handler has set
     * @param status of the answer at the limit
     */
    LaterAnswer(LaterResponse later, ResponseHead head, Duration limit, int status) {
        this.later = later;
        this.head = head;
        later.limit(limit, () -> sendAtLimit(status));
    }

    private void sendAtLimit(int status) {
        synchronized (this) {
            if (!sent) {
                sent = true;
                head.status(status);
            } else {
                // A stream that nobody has closed is no complete response.
                later.cut();
                return;
            }
        }
        later.sendWhole(head, EMPTY);
    }

    private void checkUnsent() {
        if (sent) {
            throw new IllegalStateException("The response was sent already");
        }
    }

    @Override
    public synchronized AsyncResponse status(int status) {
        if (later.isOpen()) {
            checkUnsent();
            head.status(status);
        }
        return this;
    }

    @Override
    public synchronized AsyncResponse header(String name, String value) {
        if (later.isOpen()) {
            checkUnsent();
            head.set(name, value);
        }
        return this;
    }

    @Override
    public synchronized AsyncResponse addHeader(String name, String value) {
        if (later.isOpen()) {
            checkUnsent();
            head.add(name, value);
        }
        return this;
    }

    @Override
    public synchronized OutputStream stream() {
        checkUnsent();
        sent = true;
        later.submit(0, () -> later.beginStream(head));
        return new LaterStream(later);
    }

    @Override
    public synchronized boolean send(byte[] body) {
        Objects.requireNonNull(body, "body");
        if (sent || !later.submit(body.length, () -> later.sendWhole(head, body))) {
            return false;
        }
        sent = true;
        return true;
    }

    @Override
    public synchronized boolean send(String text) {
        if (!sent && !head.has("Content-Type")) {
            head.set("Content-Type", "text/plain; charset=utf-8");
        }
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public synchronized void cut() {
        sent = true;
        later.submit(0, later::cut);
    }

    @Override
    public synchronized boolean isOpen() {
        return !sent && later.isOpen();
    }

    @Override
    public void onEnd(Runnable task) {
        later.onEnd(task);
    }
}
