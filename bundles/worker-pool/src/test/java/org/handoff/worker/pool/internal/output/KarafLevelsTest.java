package org.handoff.worker.pool.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;

import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.LogLevels;
import org.junit.jupiter.api.Test;

/** Karaf's logging configuration as levels of workers. */
class KarafLevelsTest {

    private static LogLevels levels(Map<String, Object> keys) {
        Dictionary<String, Object> configuration = new Hashtable<>(keys);
        return KarafLevels.levels(configuration);
    }

    @Test
    void areThoseOfTheLoggersAndOfTheRoot() {
        assertEquals(
                new LogLevels(
                        LogLevel.WARN,
                        Map.of("org.example", LogLevel.DEBUG, "org.short", LogLevel.TRACE, "org.f1", LogLevel.ERROR)),
                levels(Map.ofEntries(
                        Map.entry("log4j2.rootLogger.level", "warn"),
                        Map.entry("log4j2.rootLogger.appenderRef.Console.ref", "Console"),
                        Map.entry("log4j2.logger.example.name", " org.example "),
                        Map.entry("log4j2.logger.example.level", "DEBUG"),
                        Map.entry("log4j2.logger.s.name", "org.short"),
                        Map.entry("log4j2.logger.s", "TRACE, Console"),
                        Map.entry("log4j2.logger.org_f1.name", "org.f1"),
                        Map.entry("log4j2.logger.org_f1.level", "FATAL"),
                        Map.entry("log4j2.logger.unset.name", "org.unset"),
                        Map.entry("log4j2.logger.odd.name", "org.odd"),
                        Map.entry("log4j2.logger.odd.level", "LOUD"))));
    }

    @Test
    void areTheDefaultWhereNothingIsSaid() {
        assertEquals(LogLevels.DEFAULT, KarafLevels.levels(null));
        assertEquals(LogLevels.DEFAULT, levels(Map.of("org.ops4j.pax.logging.log4j2.config.file", "log4j2.xml")));
        assertEquals(
                LogLevel.ERROR,
                levels(Map.of("log4j2.rootLogger", "ERROR, Console")).root());
    }

    @Test
    void standBesideAFileOfLog4jsOwn() {
        assertEquals(
                new LogLevels(LogLevel.WARN, Map.of("org.example", LogLevel.DEBUG)),
                levels(Map.of(
                        "org.ops4j.pax.logging.log4j2.config.file",
                        "log4j2.xml",
                        "log4j2.rootLogger.level",
                        "WARN",
                        "log4j2.logger.example.name",
                        "org.example",
                        "log4j2.logger.example.level",
                        "DEBUG")));
    }
}
