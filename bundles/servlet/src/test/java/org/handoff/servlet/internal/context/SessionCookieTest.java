package org.handoff.servlet.internal.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SessionCookieTest {

    /** Clients keep one cookie of a name and a path for all ports of a host. */
    @Test
    void cookieOfAllPathsIsOfOnePool() {
        assertEquals(new SessionCookie("JSESSIONID-a", "/"), SessionCookie.ofPool("a", "/"));
        assertEquals(new SessionCookie("JSESSIONID", "/shop"), SessionCookie.ofPool("a", "/shop"));
    }

    @Test
    void servletsCannotChangeIt() {
        SessionCookie cookie = SessionCookie.ofPool("a", "/shop");
        assertThrows(IllegalStateException.class, () -> cookie.setName("b"));
    }
}
