package org.handoff.servlet.internal.response;

import java.io.OutputStream;

import org.handoff.worker.api.Response;

/** The response of a handler, on the handlers' thread. */
public final class HandlerSink implements ResponseSink {

    private final Response response;

    public HandlerSink(Response response) {
        this.response = response;
    }

    @Override
    public void status(int status) {
        response.status(status);
    }

    @Override
    public void header(String name, String value) {
        response.addHeader(name, value);
    }

    @Override
    public void send(byte[] body) {
        response.send(body);
    }

    @Override
    public OutputStream stream() {
        return response.stream();
    }
}
