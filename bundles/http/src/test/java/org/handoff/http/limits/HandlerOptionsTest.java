package org.handoff.http.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandlerOptionsTest {

    @Test
    void keysHaveDefaults() {
        assertEquals(
                new HandlerOptions(Set.of(), 1024, 1000, 262_144, Duration.ofMinutes(5)), HandlerOptions.defaults());
        assertEquals(
                new HandlerOptions(Set.of("text/html", "image/svg+xml"), 0, 5, 2000, Duration.ofSeconds(7)),
                HandlerOptions.from(Map.of(
                        "http.gzip", " text/HTML  image/svg+xml ",
                        "http.gzip.length", "0",
                        "http.async.max", "5",
                        "http.async.buffer", "2000",
                        "http.async.timeout", "7")));
    }

    @ParameterizedTest
    @CsvSource({
        "http.gzip, on",
        "http.gzip, text/*",
        "http.gzip, 'text/html,text/css'",
        "http.gzip.length, -1",
        "http.async.max, many",
        "http.async.max, 100001",
        "http.async.buffer, 10",
        "http.async.timeout, 0"
    })
    void impossibleValuesAreNamed(String key, String value) {
        String message = assertThrows(IllegalArgumentException.class, () -> HandlerOptions.from(Map.of(key, value)))
                .getMessage();
        assertTrue(message.contains(key + " = " + value), message);
    }
}
