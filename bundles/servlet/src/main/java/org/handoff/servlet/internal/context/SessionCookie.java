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

    /** The cookie that tells a client its session. @param id null to take it away */
    public Cookie of(String id) {
        Cookie cookie = new Cookie(name, id == null ? "" : id);
        cookie.setPath(path);
        cookie.setHttpOnly(true);
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
        return new IllegalStateException("the pool's configuration sets the cookie of sessions");
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
