package org.handoff.worker.protocol.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

/** The levels of loggers, as words. */
class LogLevelsTest {

    @Test
    void logLevelIsThatOfTheNearestName() {
        LogLevels levels = new LogLevels(LogLevel.WARN, Map.of("org.example", LogLevel.TRACE, "a", LogLevel.ERROR));
        assertEquals(LogLevel.TRACE, levels.of("org.example"));
        assertEquals(LogLevel.TRACE, levels.of("org.example.shop.Till"));
        assertEquals(LogLevel.WARN, levels.of("org.examples"));
        assertEquals(LogLevel.WARN, levels.of("org"));
        assertEquals(LogLevel.ERROR, levels.of("a.b"));
        assertEquals(LogLevel.WARN, levels.of(""));
    }

    @Test
    void logLevelsHaveRoomInAnEnvironment() throws Exception {
        Map<String, LogLevel> many = new TreeMap<>(Map.of("with a space", LogLevel.DEBUG, "with=", LogLevel.DEBUG));
        for (int i = 0; i < 100_000; i++) {
            many.put("org.example.\u20ac" + i, LogLevel.DEBUG);
        }
        String text = new LogLevels(LogLevel.INFO, many).text();
        assertTrue(text.getBytes(UTF_8).length <= 64 * 1024);
        LogLevels read = LogLevels.parse(text);
        assertTrue(read.named().size() > 1000);
        assertTrue(many.keySet().containsAll(read.named().keySet()));
    }

    @Test
    void otherWordsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> LogLevels.parse("INFO org.example=LOUD"));
        assertThrows(IllegalArgumentException.class, () -> LogLevels.parse(""));
    }
}
