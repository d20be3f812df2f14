package org.handoff.http.routing;

/**
 * What a request asks for: the host, the path by which it is routed, and the query.
 *
 * <p>The path is percent-decoded once, as UTF-8, and free of dot segments (RFC 3986, section 5.2.4). Empty segments
 * ({@code //}), backslashes and path parameters ({@code ;v=1}) stay as they are: they are ordinary characters here, and
 * a handler that maps paths to files must not take them for anything else.
 *
 * @param host the host in lower case, without its port and without a dot at its end; an IPv6 literal keeps its brackets; empty where an HTTP/1.0
 *        client sent none
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
     *         {@code ..}, or holds an encoded slash or control character; with status 501 for CONNECT and for targets
     *         of a scheme other than http and https
     */
    public static RequestTarget parse(String method, String target, String hostField)
            throws MalformedRequestException {
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
        int end = start;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
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
