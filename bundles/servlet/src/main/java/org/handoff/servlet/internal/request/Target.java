package org.handoff.servlet.internal.request;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

import org.handoff.worker.api.Request;

/**
 * Where a request goes.
 *
 * @param path decoded
 * @param uri the path as it was sent
 * @param query as it was sent; null for none
 */
public record Target(String path, String uri, String query) {

    /** @param where a path, with a query or without, as an application names it */
    public static Target of(String where) {
        int query = where.indexOf('?');
        String uri = query < 0 ? where : where.substring(0, query);
        String path = URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
        return new Target(path, uri, query < 0 ? null : where.substring(query + 1));
    }

    static Target of(Request request) {
        String target = request.target();
        int path = target.startsWith("/") ? 0 : target.indexOf('/', Math.max(0, target.indexOf("//") + 2));
        String uri = path < 0 ? "/" : target.substring(path);
        int end = uri.indexOf('?');
        return end < 0
                ? new Target(request.path(), uri, null)
                : new Target(request.path(), uri.substring(0, end), uri.substring(end + 1));
    }
}
