package org.handoff.worker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, section 5.6.7. */
class HttpDateTest {

    /** A day and some, so that the other fields change too. */
    private static final Duration STEP =
            Duration.ofDays(1).plusHours(1).plusMinutes(1).plusSeconds(1);

    @Test
    void eachDayIsAsTheJdkWritesIt() {
        DateTimeFormatter jdk = DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
                .withZone(ZoneOffset.UTC);
        Instant end = Instant.parse("2410-01-01T00:00:00Z");
        for (Instant time = Instant.parse("1890-01-01T00:00:00Z"); time.isBefore(end); time = time.plus(STEP)) {
            assertEquals(jdk.format(time), HttpDate.of(time));
        }
        for (String time : new String[] {"0000-02-29T23:59:59Z", "0987-06-05T04:03:02.9Z", "9999-12-31T23:59:59Z"}) {
            assertEquals(jdk.format(Instant.parse(time)), HttpDate.of(Instant.parse(time)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
            })
    void allThreeFormsAreRead(String text) {
        Instant time = Instant.parse("1994-11-06T08:49:37Z");
        assertEquals(Optional.of(time), HttpDate.parse(text));
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.of(time));
    }
}
