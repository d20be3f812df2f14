package org.handoff.servlet.internal.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.Test;

class SessionCookieTest {

    /** Clients keep one cookie of a name and a path for all ports of a host. */
    @Test
    void cookieOfAllPathsIsOfOnePool() {
        assertEquals(new SessionCookie("JSESSIONID-a", "/", Map.of()), SessionCookie.ofPool("a", "/"));
        assertEquals(new SessionCookie("JSESSIONID", "/shop", Map.of()), SessionCookie.ofPool("a", "/shop"));
    }

    @Test
    void servletsCannotChangeIt() {
        SessionCookie cookie = SessionCookie.ofPool("a", "/shop");
        assertThrows(IllegalStateException.class, () -> cookie.setName("b"));
    }

    @Test
    void cookieHasTheAttributesOfThePool() {
        SessionCookie cookie =
                SessionCookie.ofPool("web", "/shop", "SameSite=None", "Secure", "Domain=example.org", "Max-Age=60");
        Cookie made = cookie.of("id", false);
        assertEquals("None", made.getAttribute("SameSite"));
        assertTrue(made.getSecure());
        assertEquals("example.org", made.getDomain());
        assertEquals(60, made.getMaxAge());
        Cookie taken = cookie.of(null, false);
        assertEquals(0, taken.getMaxAge());
        assertEquals("example.org", taken.getDomain(), "or it would be another cookie");
        Cookie plain = SessionCookie.ofPool("web", "/shop").of("id", false);
        assertFalse(plain.getSecure());
        assertNull(plain.getDomain());
        assertEquals(-1, plain.getMaxAge());
    }
}
