package org.handoff.http.internal.head;

import java.util.List;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.http.routing.RequestTarget;

/**
 * A request's head, checked.
 *
 * @param request the decoded request; its Host field is that of an absolute target, if it has one
 * @param target its parsed target
 */
public record RequestHead(HttpRequest request, RequestTarget target) {

    public static RequestHead check(HttpRequest request) throws MalformedRequestException {
        HttpVersion version = request.protocolVersion();
        if (version.majorVersion() != 1 && request.decoderResult().isSuccess()) {
            throw new MalformedRequestException(505, "Only HTTP/1 is spoken");
        }
        checkTransferCoding(request);
        if (request.decoderResult().isFailure()) {
            throw new MalformedRequestException(
                    400, String.valueOf(request.decoderResult().cause().getMessage()));
        }
        HttpHeaders headers = request.headers();
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && version.minorVersion() > 0) {
            throw new MalformedRequestException(400, "A request has one Host field");
        }
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)) {
            // The decoder would take 8 bytes for a body that no other parser recognizes.
            throw new MalformedRequestException(400, "The WebSocket draft is obsolete");
        }
        String host = hosts.isEmpty() ? null : hosts.get(0);
        RequestTarget target = RequestTarget.parse(request.method().name(), request.uri(), host);
        String authority = RequestTarget.authority(request.uri());
        if (authority != null) {
            headers.set(HttpHeaderNames.HOST, authority);
        }
        RequestHead head = new RequestHead(request, target);
        head.expectsContinue();
        return head;
    }

    private static void checkTransferCoding(HttpRequest request) throws MalformedRequestException {
        for (String value : request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING)) {
            for (String coding : value.split(",")) {
                String name = coding.trim();
                if (!name.isEmpty() && !name.equalsIgnoreCase("chunked")) {
                    throw new MalformedRequestException(501, "The transfer coding is not implemented");
                }
            }
        }
    }

    /** Whether the client waits for 100 Continue before it sends the body (RFC 9110, section 10.1.1). */
    public boolean expectsContinue() throws MalformedRequestException {
        String expect = request.headers().get(HttpHeaderNames.EXPECT);
        if (expect == null || !newerThan10()) {
            return false;
        }
        if (!expect.equalsIgnoreCase("100-continue")) {
            throw new MalformedRequestException(417, "The expectation is not known");
        }
        return true;
    }

    /** The body's length as announced, or 0. */
    public long announcedLength() {
        return HttpUtil.getContentLength(request, 0L);
    }

    public boolean isHead() {
        return request.method().name().equals("HEAD");
    }

    public boolean newerThan10() {
        return request.protocolVersion().minorVersion() > 0;
    }

    public boolean keepAlive() {
        return HttpUtil.isKeepAlive(request);
    }
}
