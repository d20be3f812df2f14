package org.handoff.lrwp.agent.internal.application;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.handoff.http.StreamedRequest;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.http.routing.RequestTarget;

/** The request made by a local redirect of another one: a GET for another path, without a body. */
final class RedirectedRequest implements StreamedRequest {

    private static final Set<String> OF_THE_BODY = Set.of(
            "content-type",
            "content-length",
            "content-encoding",
            "content-language",
            "content-location",
            "content-md5",
            "transfer-encoding");

    private final StreamedRequest first;
    private final String target;
    private final RequestTarget parsed;

    private RedirectedRequest(StreamedRequest first, String target, RequestTarget parsed) {
        this.first = first;
        this.target = target;
        this.parsed = parsed;
    }

    /** @return null if the redirect is not to a path */
    static RedirectedRequest of(StreamedRequest first, String location) {
        int fragment = location.indexOf('#');
        String target = fragment < 0 ? location : location.substring(0, fragment);
        try {
            return new RedirectedRequest(first, target, RequestTarget.parse("GET", target, first.host()));
        } catch (MalformedRequestException e) {
            return null;
        }
    }

    @Override
    public String method() {
        return first.method().equals("HEAD") ? "HEAD" : "GET";
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public RequestTarget parsedTarget() {
        return parsed;
    }

    @Override
    public String protocol() {
        return first.protocol();
    }

    @Override
    public String scheme() {
        return first.scheme();
    }

    @Override
    public Iterable<Map.Entry<String, String>> fields() {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        first.fields().forEach(field -> {
            if (!OF_THE_BODY.contains(field.getKey().toLowerCase(Locale.ROOT))) {
                fields.add(field);
            }
        });
        return fields;
    }

    @Override
    public InetSocketAddress client() {
        return first.client();
    }

    @Override
    public InetSocketAddress server() {
        return first.server();
    }

    @Override
    public String user() {
        return first.user();
    }

    @Override
    public long length() {
        return 0;
    }

    @Override
    public ByteBuf read(ByteBufAllocator alloc, long offset, int most) {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void close() {
        // The first request was closed with the first response.
    }
}
