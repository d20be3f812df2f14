package org.handoff.http.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpLimitsTest {

    @Test
    void readsAConfiguration() {
        HttpLimits limits = HttpLimits.from(Map.of("http.request.line", " 100 ", "http.idle.timeout", "5", "x", "y"));
        assertEquals(100, limits.requestLine());
        assertEquals(Duration.ofSeconds(5), limits.idleTime());
        assertEquals(32768, limits.header());
        assertEquals(HttpLimits.defaults().body(), limits.body());
    }

    @Test
    void everyKnownKeyIsRead() {
        for (String key : HttpLimits.KEYS) {
            String message = assertThrows(IllegalArgumentException.class, () -> HttpLimits.from(Map.of(key, "x")))
                    .getMessage();
            assertTrue(message.startsWith(key + " = x "), message);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http.request.line, x",
        "http.header, -1",
        "http.header, 1",
        "http.body, 1e9",
        "http.idle.timeout, 0",
        "http.write.timeout, 99999999",
        "http.spool, 1",
        "http.temp, /no/such/directory"
    })
    void refusesWhatIsNotValidAndSaysWhatIs(String key, String value) {
        String message = assertThrows(IllegalArgumentException.class, () -> HttpLimits.from(Map.of(key, value)))
                .getMessage();
        assertTrue(message.startsWith(key + " = " + value + " is not valid: "), message);
    }
}
