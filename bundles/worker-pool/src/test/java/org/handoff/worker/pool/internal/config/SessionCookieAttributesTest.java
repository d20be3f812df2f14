package org.handoff.worker.pool.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionCookieAttributesTest {

    @Test
    void attributesAreTakenAsBrowsersWriteThem() {
        assertEquals(List.of(), SessionCookieAttributes.of(""));
        assertEquals(
                List.of("SameSite=None", "Secure", "Domain=example.org", "Max-Age=3600", "Partitioned"),
                SessionCookieAttributes.of("samesite = none; SECURE;domain=example.org; max-age=3600 ;; partitioned"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SameSite=None", "Partitioned", "SameSite=Often", "SameSite", "Secure=yes", "Max-Age=0", "Max-Age=-1",
                "Max-Age=9999999999", "Domain=a b", "Domain=", "Path=/", "HttpOnly", "Other=value", "Lax",
                "SameSite=Lax; samesite=None; Secure", "Domain=a.b; Secure; Domain=c.d"
            })
    void attributeThatIsNotPossibleIsNamed(String configured) {
        String said = assertThrows(IllegalArgumentException.class, () -> SessionCookieAttributes.of(configured))
                .getMessage();
        assertTrue(said.startsWith("sessions.cookie = " + configured + ": "), said);
    }
}
