package org.handoff.servlet.internal.context;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;

/**
 * The cookie by which clients name their sessions. Not modifiable.
 *
 * @param name its name
 * @param path the path whose requests have it
 * @param attributes what else it has, such as {@code SameSite=Lax}: by name, with an empty value for a word alone
 */
public record SessionCookie(String name, String path, Map<String, String> attributes) implements SessionCookieConfig {

    private static final String NAME = "JSESSIONID";
    private static final String SECURE = "Secure";
    private static final String DOMAIN = "Domain";
    private static final String MAX_AGE = "Max-Age";

    /**
     * The cookie of a pool's application. With the path of all requests it has a name of the pool's own: clients send
     * cookies to all ports of a host, and keep one of a name and a path, so that the sessions of another pool, or of
     * Karaf's own servlets, would end whenever this one's begins.
     *
     * @param attributes those that the pool has checked, such as {@code SameSite=Lax}
     */
    public static SessionCookie ofPool(String pool, String path, String... attributes) {
        Map<String, String> named = new LinkedHashMap<>();
        for (String attribute : attributes) {
            int equals = attribute.indexOf('=');
            named.put(
                    equals < 0 ? attribute : attribute.substring(0, equals),
                    equals < 0 ? "" : attribute.substring(equals + 1));
        }
        return new SessionCookie(path.equals("/") ? NAME + '-' + pool : NAME, path, Collections.unmodifiableMap(named));
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
        cookie.setSecure(secure || isSecure());
        cookie.setMaxAge(id == null ? 0 : getMaxAge());
        attributes.forEach((attribute, value) -> {
            switch (attribute) {
                case SECURE, MAX_AGE -> {}
                case DOMAIN -> cookie.setDomain(value);
                default -> cookie.setAttribute(attribute, value);
            }
        });
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
        return attributes.get(DOMAIN);
    }

    @Override
    public boolean isHttpOnly() {
        return true;
    }

    @Override
    public boolean isSecure() {
        return attributes.containsKey(SECURE);
    }

    @Override
    public int getMaxAge() {
        return Integer.parseInt(attributes.getOrDefault(MAX_AGE, "-1"));
    }

    @Override
    public String getAttribute(String attribute) {
        return attributes.get(attribute);
    }

    @Override
    public Map<String, String> getAttributes() {
        return attributes;
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public String getComment() {
        return null;
    }

    private static IllegalStateException fixed() {
        return new IllegalStateException(
                "a servlet cannot change the cookie of sessions: the key sessions.cookie of the pool can");
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
