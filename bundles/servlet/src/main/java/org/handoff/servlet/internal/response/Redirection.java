package org.handoff.servlet.internal.response;

import java.net.URI;
import java.net.URISyntaxException;

/** The field {@code Location} of a redirection. */
final class Redirection {

    private Redirection() {}

    /**
     * Resolves it without scheme and host, which a proxy before the server may have others of.
     *
     * @param from the path of the request
     */
    static String resolved(String location, String from) {
        try {
            URI uri = new URI(location);
            if (uri.isAbsolute() || uri.getRawAuthority() != null || location.startsWith("/")) {
                return location;
            }
            return URI.create(from).resolve(uri).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("\"" + location + "\" is not a URI: percent-encode it", e);
        }
    }
}
