package org.handoff.http.internal.request;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.List;

import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.limits.HttpLimits;
import org.handoff.worker.api.Headers;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Part;
import org.handoff.worker.api.Request;

/** A complete request, as a handler sees it. */
public final class ReceivedRequest implements Request, AutoCloseable {

    private final RequestHead head;
    private final String context;
    private final long length;
    private final InputStream body;
    private final InetSocketAddress client;
    private final Headers headers;
    private final HttpLimits limits;
    private MultipartForm form;

    public ReceivedRequest(
            RequestHead head,
            String context,
            long length,
            InputStream body,
            InetSocketAddress client,
            HttpLimits limits) {
        this.head = head;
        this.context = context;
        this.length = length;
        this.body = body;
        this.client = client;
        this.limits = limits;
        headers = new ReceivedHeaders(head.request().headers());
    }

    @Override
    public String method() {
        return head.request().method().name();
    }

    @Override
    public String target() {
        return head.request().uri();
    }

    @Override
    public String path() {
        return head.target().path();
    }

    @Override
    public String context() {
        return context;
    }

    @Override
    public String pathInfo() {
        return context.equals("/") ? path() : path().substring(context.length());
    }

    @Override
    public String query() {
        return head.target().query();
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public InputStream body() {
        return body;
    }

    @Override
    public InetSocketAddress client() {
        return client;
    }

    @Override
    public String scheme() {
        return "http";
    }

    @Override
    public String host() {
        return head.target().host();
    }

    @Override
    public List<Part> parts() throws IOException {
        MediaType type = contentType()
                .filter(its -> its.type().equals("multipart") && its.subtype().equals("form-data"))
                .orElseThrow(() -> new HttpException(415, "not multipart/form-data"));
        if (form != null) {
            throw new IllegalStateException("the form was read already");
        }
        form = new MultipartForm(type.parameters().getOrDefault("boundary", ""), length, limits);
        return form.read(body);
    }

    /** The handler has returned. */
    @Override
    public void close() {
        if (form != null) {
            form.close();
        }
    }
}
