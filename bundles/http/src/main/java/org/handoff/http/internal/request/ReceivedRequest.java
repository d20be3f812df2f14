package org.handoff.http.internal.request;

import java.io.InputStream;
import java.net.InetSocketAddress;

import org.handoff.http.internal.head.RequestHead;
import org.handoff.worker.api.Headers;
import org.handoff.worker.api.Request;

/** A complete request, as a handler sees it. */
public final class ReceivedRequest implements Request {

    private final RequestHead head;
    private final String context;
    private final long length;
    private final InputStream body;
    private final InetSocketAddress client;
    private final Headers headers;

    public ReceivedRequest(RequestHead head, String context, long length, InputStream body, InetSocketAddress client) {
        this.head = head;
        this.context = context;
        this.length = length;
        this.body = body;
        this.client = client;
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
}
