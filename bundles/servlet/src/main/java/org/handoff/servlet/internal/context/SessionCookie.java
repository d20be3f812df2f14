package org.handoff.servlet.internal.context;

import java.util.Map;

import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;

/**
 * The cookie by which clients name their sessions. Not modifiable.
 *
 * @param name its name
 * @param path the path whose requests have it
 */
public record SessionCookie(String name, String path) implements SessionCookieConfig {

    private static final String NAME = "JSESSIONID";

    /**
     * The cookie of a pool's application. With the path of all requests it has a name of the pool's own: clients send
     * cookies to all ports of a host, and keep one of a name and a path, so that the sessions of another pool, or of
     * Karaf's own servlets, would end whenever this one's begins.
     */
    public static SessionCookie ofPool(String pool, String path) {
        return new SessionCookie(path.equals("/") ? NAME + '-' + pool : NAME, path);
    }

    /**
     * The cookie that tells the client its session.
     *
     * @param id null to take it away
     * @param secure whether the client may send it over TLS only
     */
    public Cookie of(String id, boolean secure) {
        Cookie cookie = new Cookie(name, id == null ? "" : id);
        cookie.setPath(path);
        cookie.setHttpOnly(true);
        cookie.setSecure(secure);
        if (id == null) {
            cookie.setMaxAge(0);
        }
        return cookie;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getPath() {
        return path;
    }

    @Override
    public String getDomain() {
        return null;
    }

    @Override
    public boolean isHttpOnly() {
        return true;
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public int getMaxAge() {
        return -1;
    }

    @Override
    public String getAttribute(String name) {
        return null;
    }

    @Override
    public Map<String, String> getAttributes() {
        return Map.of();
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public String getComment() {
        return null;
    }

    private static IllegalStateException fixed() {
        return new IllegalStateException(
                "a pool's cookie of sessions cannot be changed: docs/servlets.md says what it is");
    }

    @Override
    public void setName(String name) {
        throw fixed();
    }

    @Override
    public void setDomain(String domain) {
        throw fixed();
    }

    @Override
    public void setPath(String path) {
        throw fixed();
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public void setComment(String comment) {
        throw fixed();
    }

    @Override
    public void setHttpOnly(boolean httpOnly) {
        throw fixed();
    }

    @Override
    public void setSecure(boolean secure) {
        throw fixed();
    }

    @Override
    public void setMaxAge(int seconds) {
        throw fixed();
    }

    @Override
    public void setAttribute(String name, String value) {
        throw fixed();
    }
}
