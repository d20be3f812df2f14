package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.handoff.testkit.Await;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.log.EntryReader;
import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.LogLevels;
import org.handoff.worker.runtime.bundles.Logging;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What handlers log in a worker. */
class WorkerLogTest extends WorkerFixture {

    private static final String MARK = "a-mark";
    private static final String REQUEST = HELLO.replace("/hello", "/logging");

    private void addLogging() throws Exception {
        add(
                new TestBundle("logging")
                        .component(Logging.class, "/logging", "")
                        .header(
                                "Import-Package",
                                "org.handoff.worker.api,org.osgi.framework,org.slf4j;version=\"[1.7,2)\","
                                        + "org.osgi.service.log;version=\"[1.4,2)\","
                                        + "org.apache.logging.log4j;version=\"[2.20,3)\","
                                        + "org.apache.commons.logging;version=\"[1.2,2)\""),
                Logging.class,
                "/logging");
        environment.put("HANDOFF_LOG", MARK);
    }

    private static List<LogEntry> entries(TestPool pool) {
        EntryReader reader = new EntryReader(MARK);
        List<LogEntry> entries = new ArrayList<>();
        for (String line : pool.output().lines().toList()) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            if (reader.read(bytes, bytes.length) == EntryReader.Line.ENTRY) {
                entries.add(EntryReader.parse(reader.take()).orElseThrow());
            }
        }
        return entries;
    }

    private static List<String> said(TestPool pool) {
        return entries(pool).stream()
                .filter(entry -> entry.logger().startsWith("by."))
                .map(entry -> entry.level() + " " + entry.logger() + " " + entry.message())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void comesByEveryApiAsWhatItIs(Path jdk) throws Exception {
        addLogging();
        environment.put("LC_ALL", "C");
        environment.put("JDK_JAVA_OPTIONS", "-Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8");
        long before = System.currentTimeMillis();
        try (TestPool pool = start(jdk);
                MonitoredClient client = new MonitoredClient()) {
            assertEquals("", pool.ready(), pool::output);
            pool.handOff(client, 0, 1, REQUEST);
            assertEquals("200 logged", client.statusAndBody(), pool::output);
            assertEquals(
                    List.of(
                            "ERROR by.slf4j caf\u00e9 failed",
                            "ERROR by.jul failed",
                            "ERROR by.log4j failed",
                            "ERROR by.jcl failed",
                            "ERROR by.osgi 2 failed",
                            "WARN by.formatter 00002 failed"),
                    said(pool));
            assertTrue(pool.output().contains("\nplain caf\u00e9\n"), pool::output);
            for (LogEntry entry : entries(pool)) {
                assertTrue(entry.millis() >= before && entry.millis() <= System.currentTimeMillis());
                assertEquals(
                        entry.logger().equals("by.slf4j") ? Map.of("order", "\u20ac 7") : Map.of(), entry.context());
                if (entry.logger().startsWith("by.")) {
                    assertEquals("handler", entry.thread());
                    assertEquals(
                            "java.lang.IllegalStateException: K\u00e4se",
                            entry.thrown().text());
                    assertTrue(entry.thrown().frames().get(0).startsWith(Logging.class.getName() + ".handle("));
                    assertEquals(
                            "java.io.IOException: no milk",
                            entry.thrown().cause().text());
                }
            }
            assertTrue(
                    entries(pool).stream()
                            .anyMatch(entry -> entry.logger().equals("logging")
                                    && entry.message().equals("in the older form")),
                    pool::output);
        }
    }

    @Test
    void levelsChangeWhileItRuns() throws Exception {
        addLogging();
        environment.put("HANDOFF_LOG_LEVELS", "OFF by.jul=ERROR");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            assertEquals("", pool.ready(), pool::output);
            pool.handOff(client, 0, 1, REQUEST);
            assertEquals("200 logged", client.statusAndBody());
            assertEquals(List.of("ERROR by.jul failed"), said(pool));
            pool.tell(new LogLevels(LogLevel.OFF, Map.of("by", LogLevel.DEBUG, "by.formatter", LogLevel.ERROR)));
            Await.await("entries of the level DEBUG", () -> {
                client.send(REQUEST);
                return client.statusAndBody().equals("200 logged") && said(pool).contains("DEBUG by.jcl searched");
            });
            List<String> said = said(pool);
            assertEquals(
                    List.of(
                            "DEBUG by.slf4j 1 searched",
                            "ERROR by.slf4j caf\u00e9 failed",
                            "DEBUG by.jul searched",
                            "ERROR by.jul failed",
                            "DEBUG by.log4j 1 searched",
                            "ERROR by.log4j failed",
                            "DEBUG by.jcl searched",
                            "ERROR by.jcl failed",
                            "DEBUG by.osgi 1 searched",
                            "ERROR by.osgi 2 failed"),
                    said.subList(said.size() - 10, said.size()));
            pool.tell(new LogLevels(LogLevel.OFF, Map.of()));
            Await.await("nothing more", () -> {
                int logged = said(pool).size();
                client.send(REQUEST);
                return client.statusAndBody().equals("200 logged") && said(pool).size() == logged;
            });
        }
    }
}
