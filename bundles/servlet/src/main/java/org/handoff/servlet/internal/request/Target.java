package org.handoff.servlet.internal.request;

import org.handoff.worker.api.Request;

/**
 * Where a request goes.
 *
 * @param path decoded
 * @param uri the path as it was sent
 * @param query as it was sent; null for none
 */
public record Target(String path, String uri, String query) {

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
