package org.handoff.worker.api.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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
    public AsyncResponse addHeader(String name, String value) {
        response.change(() -> response.addHeader(name, value));
        return this;
    }

    @Override
    public OutputStream stream() {
        response.beginLater();
        return new OutputStream() {

            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (!response.append(Arrays.copyOfRange(bytes, offset, offset + length))) {
                    throw new IOException("the response has ended");
                }
            }

            @Override
            public void close() {
                response.leave();
            }
        };
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
    public void cut() {
        response.cut();
    }

    @Override
    public boolean isOpen() {
        return !response.hasEnded() && !response.isStreaming();
    }

    @Override
    public void onEnd(Runnable task) {
        response.whenEnded(task);
    }
}
