package org.handoff.worker.api.testing;

import java.nio.charset.StandardCharsets;

import org.handoff.worker.api.AsyncResponse;

/** The later part of a response. */
record TestAsyncResponse(TestResponse response) implements AsyncResponse {

    @Override
    public AsyncResponse status(int status) {
        response.change(() -> response.status(status));
        return this;
    }

    @Override
    public AsyncResponse header(String name, String value) {
        response.change(() -> response.header(name, value));
        return this;
    }

    @Override
    public boolean send(byte[] body) {
        boolean sent = response.append(body);
        response.leave();
        return sent;
    }

    @Override
    public boolean send(String text) {
        if (isOpen() && response.headers().first("Content-Type").isEmpty()) {
            header("Content-Type", "text/plain; charset=utf-8");
        }
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean isOpen() {
        return !response.hasEnded();
    }

    @Override
    public void onEnd(Runnable task) {
        response.whenEnded(task);
    }
}
