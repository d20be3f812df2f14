package org.handoff.servlet.internal.async;

import java.io.IOException;
import java.io.OutputStream;

import org.handoff.servlet.internal.response.ResponseSink;
import org.handoff.worker.api.AsyncResponse;

/** A response that is given after its handler has returned. */
final class LaterSink implements ResponseSink {

    private final AsyncResponse later;

    LaterSink(AsyncResponse later) {
        this.later = later;
    }

    @Override
    public void status(int status) {
        later.status(status);
    }

    @Override
    public void header(String name, String value) {
        later.addHeader(name, value);
    }

    @Override
    public void send(byte[] body) throws IOException {
        if (!later.send(body)) {
            throw new IOException("the response has ended: its client has gone, or its time is over");
        }
    }

    @Override
    public OutputStream stream() {
        return later.stream();
    }
}
