package org.handoff.http.routing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a request asks for: the host, the path by which it is routed, and the query.
 *
 * <p>The path is percent-decoded once, as UTF-8, and free of dot segments (RFC 3986, section 5.2.4). A byte that is no
 * UTF-8 is kept as the character U+DC00 plus the byte, a surrogate alone: {@link #bytes} gives it back. Empty segments
 * ({@code //}), backslashes and path parameters ({@code ;v=1}) stay as they are: they are ordinary characters here, and
 * a handler that maps paths to files must not take them for anything else.
 *
 * @param host the host in lower case, without its port and without a dot at its end; an IPv6 literal keeps its
 *        brackets; empty where an HTTP/1.0 client sent none
 * @param path the path, beginning with {@code /}; {@code /} too for the target {@code *} of an OPTIONS request
 * @param query the query as sent, without its {@code ?}; empty where there is none
 */
public record RequestTarget(String host, String path, String query) {

    /**
     * Reads a request target (RFC 9112, section 3.2).
     *
     * @param method the request's method
     * @param target the request target as sent
     * @param hostField the value of the Host field, or null where the request has none; an absolute target's own
     *        authority wins over it, but it must be well-formed nevertheless
     * @return what the request asks for
     * @throws MalformedRequestException with status 400 if the target or the host is malformed, leaves the root by
     *         {@code ..}, or holds an encoded slash or control character or an overlong form of UTF-8;
     *         with status 501 for CONNECT and for targets of a scheme other than http and https
     */
    public static RequestTarget parse(String method, String target, String hostField) throws MalformedRequestException {
        if (method.equals("CONNECT")) {
            throw new MalformedRequestException(501, "CONNECT is not implemented");
        }
        String host = hostField == null ? "" : Authority.host(hostField);
        if (target.startsWith("/")) {
            return of(host, target);
        }
        if (target.equals("*")) {
            if (!method.equals("OPTIONS")) {
                throw new MalformedRequestException(400, "The target * is for OPTIONS only");
            }
            return new RequestTarget(host, "/", "");
        }
        return absolute(target);
    }

    /**
     * The authority of an absolute target, which stands in the place of the Host field (RFC 9112, section 3.2.2).
     *
     * @param target the request target as sent, which {@link #parse} has accepted
     * @return host and port as sent; null where the target is not absolute
     */
    public static String authority(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        return scheme < 0 ? null : target.substring(scheme + 3, endOfAuthority(target, scheme + 3));
    }

    /**
     * The path and query of a target in origin form, as most clients send it.
     *
     * @param target the request target as sent, which {@link #parse} has accepted
     * @return it without scheme and authority; {@code *} stays
     */
    public static String originForm(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        if (scheme < 0) {
            return target;
        }
        String rest = target.substring(endOfAuthority(target, scheme + 3));
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static int endOfAuthority(String target, int start) {
        int end = start;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        return end;
    }

    /** Whether the path is UTF-8, so that it can be used as text. */
    public boolean isUtf8() {
        for (int i = 0; i < path.length(); i++) {
            if (isRaw(path, i)) {
                return false;
            }
        }
        return true;
    }

    /** A decoded path, or a part of one, as the bytes that it was decoded from. */
    public static byte[] bytes(String path) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(path.length() + 16);
        int start = 0;
        for (int i = 0; i < path.length(); i++) {
            if (isRaw(path, i)) {
                bytes.writeBytes(path.substring(start, i).getBytes(StandardCharsets.UTF_8));
                bytes.write(path.charAt(i) - PathDecoder.RAW);
                start = i + 1;
            }
        }
        bytes.writeBytes(path.substring(start).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    private static boolean isRaw(String path, int at) {
        return Character.isLowSurrogate(path.charAt(at))
                && (at == 0 || !Character.isHighSurrogate(path.charAt(at - 1)));
    }

    private static RequestTarget absolute(String target) throws MalformedRequestException {
        int scheme = target.indexOf("://");
        if (scheme <= 0) {
            throw new MalformedRequestException(400, "The request target is neither a path nor a URI");
        }
        String name = target.substring(0, scheme);
        if (!name.equalsIgnoreCase("http") && !name.equalsIgnoreCase("https")) {
            throw new MalformedRequestException(501, "Only http and https URIs are served");
        }
        int start = scheme + 3;
        int end = endOfAuthority(target, start);
        String host = Authority.host(target.substring(start, end));
        if (host.isEmpty()) {
            throw new MalformedRequestException(400, "The request target has no host");
        }
        String rest = target.substring(end);
        return of(host, rest.startsWith("/") ? rest : "/" + rest);
    }

    private static RequestTarget of(String host, String pathAndQuery) throws MalformedRequestException {
        int mark = pathAndQuery.indexOf('?');
        String rawPath = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        String query = mark < 0 ? "" : pathAndQuery.substring(mark + 1);
        for (int i = 0; i < query.length(); i++) {
            PathDecoder.checkRaw(query.charAt(i));
        }
        return new RequestTarget(host, PathDecoder.decode(rawPath), query);
    }
}
