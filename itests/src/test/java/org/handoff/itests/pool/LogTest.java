package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.handoff.itests.handlers.logging.Logging;
import org.handoff.itests.handlers.logreader.Reading;
import org.handoff.itests.handlers.rarelogging.RareLogging;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Workers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.service.log.LogReaderService;

/** What handlers log, in Karaf's log. */
@ExtendWith(OurKaraf.class)
class LogTest {

    private static final String LOGGING = "org.ops4j.pax.logging.cfg";
    private static final String BUNDLE = "logging.jar";
    /** As Karaf can write it, whose log has the locale's encoding. */
    private static final String CAFE = inTheLocale("caf\u00e9");

    private static final List<String> APIS = List.of("slf", "jul", "logfourj", "osgi");

    private final Karaf karaf;
    private final Workers workers;
    private final int before;

    LogTest(Karaf karaf) throws IOException {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.before = karaf.log().size();
    }

    private static String inTheLocale(String text) {
        Charset encoding = Charset.forName(System.getProperty("native.encoding"));
        return new String(text.getBytes(encoding), encoding);
    }

    @BeforeAll
    static void deploy(Karaf karaf) throws Exception {
        karaf.deployAndAwait(HandlerBundle.build("logging", Logging.class), BUNDLE, "/logging?ready");
        Workers workers = new Workers(karaf);
        workers.awaitOn(2);
        String last = karaf.shell("worker:log " + workers.rows().get(0).get("id"));
        assertTrue(last.contains("] org.handoff.worker.runtime.WorkerMain - Generation "), last);
    }

    @AfterAll
    static void undeploy(Karaf karaf) throws Exception {
        int before = karaf.log().size();
        karaf.undeployAndAwait(BUNDLE, "/logging");
        karaf.await(
                "the words of a handler that ends",
                () -> karaf.logSince(before).stream()
                        .anyMatch(line -> line.contains("| WARN ") && line.endsWith(" deactivated")));
        new Workers(karaf).awaitOn(2);
    }

    private String[] answer(String order) throws IOException {
        return karaf.get("/logging?" + order).text().split(" ");
    }

    /** The worker that has answered. */
    private String ask(String order) throws IOException {
        String[] answer = answer(order);
        assertEquals(List.of("UTF-8", "UTF-8"), List.of(answer[1], answer[2]));
        return workers.rows().stream()
                .filter(row -> row.get("pid").equals(answer[0]))
                .findFirst()
                .orElseThrow()
                .get("id");
    }

    /** The lines of the log that an API has made about an order. */
    private List<String> logged(String api, String order) throws IOException {
        String logger = "| " + api + " ";
        return karaf.logSince(before).stream()
                .filter(line -> line.contains(logger) && line.contains("] " + order + " "))
                .toList();
    }

    @Test
    void entryOfEachApiIsOneOfKarafs() throws Exception {
        String worker = ask("a");
        for (String api : APIS) {
            karaf.await("the entry of " + api, () -> logged(api, "a").size() == 1);
            String line = logged(api, "a").get(0);
            assertTrue(line.matches("\\S+ \\| ERROR \\| handler +\\| .*\\[" + worker + "] a failed.*"), line);
        }
        String printed = "[" + worker + "] " + CAFE + " for a";
        karaf.await(
                "the line behind them", () -> karaf.logSince(before).stream().anyMatch(line -> line.contains(printed)));
        String log = String.join("\n", karaf.logSince(before));
        assertTrue(
                log.matches(
                        "(?s).*] a failed\\\\n\tby slf\norg.handoff.worker.pool.InWorker: java\\.lang\\.IllegalStateException: "
                                + "no " + Pattern.quote(CAFE) + "\n"
                                + "\tat org\\.handoff\\.itests\\.handlers\\.logging\\.Logging\\.handle\\([^\n]*\n.*"
                                + "Caused by: \\S+ java\\.io\\.IOException: no milk\n.*"),
                log);
        assertTrue(log.lines().noneMatch(line -> line.contains("has come")), log);
    }

    @Test
    void shellShowsErrorsAndExceptions() throws Exception {
        String worker = ask("b");
        karaf.await("the last entry", () -> !logged("osgi", "b").isEmpty());
        String errors = karaf.shell("log:display -l ERROR -p '%p %c %t %X{worker.id} %X{order} %m'");
        assertTrue(errors.contains("ERROR shop.by.slf handler " + worker + " 7 "), errors);
        assertTrue(errors.contains("ERROR shop.by.osgi handler " + worker + " "), errors);
        String exception = karaf.shell("log:exception-display shop.by");
        assertTrue(exception.contains("java.lang.IllegalStateException: no caf"), exception);
        assertTrue(exception.contains("java.io.IOException: no milk"), exception);
        String last = karaf.shell("worker:log " + worker);
        assertTrue(last.contains(" ERROR [handler] shop.by.osgi - b failed"), last);
        assertTrue(last.contains("Caused by: java.io.IOException: no milk"), last);
        assertEquals(1, karaf.execute("worker:log none").status());
    }

    @Test
    void levelsAreKarafsAtOnce() throws Exception {
        Set<Long> present = workers.pids();
        String file = karaf.read(LOGGING);
        karaf.shell("log:set DEBUG shop.by");
        try {
            karaf.await("entries of the level DEBUG", () -> {
                ask("c");
                return APIS.stream().allMatch(api -> hasCome(api, "c"));
            });
        } finally {
            // Not by another log:set: Karaf may then read the file while it writes it, and have no configuration left.
            karaf.await("the level in the file", () -> karaf.read(LOGGING).contains("shop.by"));
            karaf.write(LOGGING, file);
        }
        // Karaf's own loggers show none of that level any more, whatever those of the workers do.
        Set<String> without = new HashSet<>();
        karaf.await("loggers without that level in both workers", () -> {
            String[] answer = answer("d");
            if (answer[3].equals("[]")) {
                without.add(answer[0]);
            } else {
                without.remove(answer[0]);
            }
            return without.size() == 2;
        });
        assertEquals(present, workers.pids(), "the same workers");
    }

    /** Karaf has the levels of that file, and workers those beside the reference to it. */
    @Test
    void levelsStandBesideAFileOfLog4jsOwn() throws Exception {
        Path own = karaf.file("data/log/own.log");
        Path file = Files.writeString(
                karaf.file("data/own-log4j2.xml"),
                "<Configuration><Appenders><File name='own' fileName='" + own + "'>"
                        + "<PatternLayout pattern='%p %c %m%n'/></File></Appenders><Loggers>"
                        + "<Logger name='shop.by.jul' level='TRACE'/>"
                        + "<Root level='INFO'><AppenderRef ref='own'/></Root></Loggers></Configuration>");
        String former = karaf.read(LOGGING);
        try {
            karaf.write(
                    LOGGING,
                    former + "\norg.ops4j.pax.logging.log4j2.config.file = " + file
                            + "\nlog4j2.logger.shop.name = shop.by\nlog4j2.logger.shop.level = DEBUG\n");
            karaf.await("entries of the level DEBUG in Karaf's log", () -> {
                answer("e");
                return Files.exists(own)
                        && Files.readString(own).contains("DEBUG shop.by.jul ")
                        && Files.readString(own).contains("ERROR shop.by.slf ");
            });
            assertEquals("[slf,jul,logfourj,osgi]", answer("e")[3]);
            assertFalse(Files.readString(own).contains("DEBUG shop.by.slf "), "Karaf's level of that logger is INFO");
        } finally {
            karaf.write(LOGGING, former);
            karaf.await("Karaf's log in its place", () -> {
                ask("f");
                return !logged("slf", "f").isEmpty() && answer("f")[3].equals("[]");
            });
            Files.delete(file);
            Files.deleteIfExists(own);
        }
    }

    private boolean hasCome(String api, String order) {
        try {
            return logged(api, order).stream().anyMatch(line -> line.contains("| DEBUG ") && line.endsWith("has come"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rareApisAreLinesOfTheOutputFromInfoOn() throws Exception {
        String context = "/rarelogging";
        karaf.deployAndAwait(
                HandlerBundle.build("rarelogging", RareLogging.class, "Import-Package", RareLogging.PACKAGES + ",*"),
                "rarelogging.jar",
                context);
        try {
            for (String api : RareLogging.PACKAGES.split(",")) {
                karaf.await(
                        "the line of " + api,
                        () -> karaf.logSince(before).stream()
                                .anyMatch(line -> line.matches(".*\\| INFO .*\\| output .*] .*info of " + api)));
            }
            assertTrue(karaf.logSince(before).stream().noneMatch(line -> line.contains("debug of ")));
        } finally {
            karaf.undeployAndAwait("rarelogging.jar", context);
        }
    }

    @Test
    void readerOfTheLogIsNamed() throws Exception {
        karaf.deploy(HandlerBundle.build("logreader", Reading.class), "logreader.jar");
        try {
            karaf.await(
                    "the missing service",
                    () -> karaf.shell("monitor:contexts")
                            .lines()
                            .anyMatch(line -> line.startsWith("/logreader ")
                                    && line.contains("lacks the service " + LogReaderService.class.getName())));
            assertFalse(
                    karaf.shell("worker:bundles default").contains("pax-logging-log4j2"), "Karaf's log in a worker");
        } finally {
            karaf.undeployAndAwait("logreader.jar", "/logreader");
        }
    }
}
