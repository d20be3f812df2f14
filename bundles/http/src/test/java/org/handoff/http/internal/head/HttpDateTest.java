package org.handoff.http.internal.head;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;

import org.junit.jupiter.api.Test;

/** RFC 9110, section 5.6.7. */
class HttpDateTest {

    @Test
    void dayHasTwoDigits() {
        assertEquals("Thu, 05 Nov 2026 09:08:07 GMT", HttpDate.at(Instant.parse("2026-11-05T09:08:07Z")));
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.at(Instant.parse("1994-11-06T08:49:37Z")));
        assertEquals("Thu, 31 Dec 2026 23:59:59 GMT", HttpDate.at(Instant.parse("2026-12-31T23:59:59Z")));
    }
}
