package org.handoff.http.internal.request;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.StreamedRequest;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.routing.RequestTarget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request that was received completely, for a streaming handler. */
public final class CollectedRequest implements StreamedRequest {

    private static final Logger LOG = LoggerFactory.getLogger(CollectedRequest.class);

    private final RequestHead head;
    private final RequestBody body;
    private final InetSocketAddress client;
    private final InetSocketAddress server;

    public CollectedRequest(RequestHead head, RequestBody body, InetSocketAddress client, InetSocketAddress server) {
        this.head = head;
        this.body = body;
        this.client = client;
        this.server = server;
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
    public RequestTarget parsedTarget() {
        return head.target();
    }

    @Override
    public String protocol() {
        return head.request().protocolVersion().text();
    }

    @Override
    public String scheme() {
        return "http";
    }

    @Override
    public Iterable<Map.Entry<String, String>> fields() {
        return head.request().headers();
    }

    @Override
    public InetSocketAddress client() {
        return client;
    }

    @Override
    public InetSocketAddress server() {
        return server;
    }

    @Override
    public String user() {
        return "";
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public ByteBuf read(ByteBufAllocator alloc, long offset, int most) throws IOException {
        return body.read(alloc, offset, most);
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the body of a request", e);
        }
    }
}
