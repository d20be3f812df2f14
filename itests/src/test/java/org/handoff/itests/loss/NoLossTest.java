package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Load;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise: workers come and go, and 64 clients on kept connections that never try again notice nothing. */
@ExtendWith(OurKaraf.class)
class NoLossTest {

    private static final int CLIENTS = 64;

    private final Karaf karaf;

    NoLossTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource
    void recyclingThePoolClosesNoConnectionAndLosesNoRequest(TestedPool.Kind kind) throws Exception {
        try (TestedPool pool = new TestedPool(karaf, kind);
                Load load = pool.load(CLIENTS)) {
            int times = kind.times(10);
            for (int i = 1; i <= times; i++) {
                pool.recycle();
                assertEquals(List.of(), load.failures(), "recycled for the " + i + ". time");
            }
            load.close();
            report(kind + ", " + times + " recyclings of the pool", load);
        }
    }

    @ParameterizedTest
    @EnumSource
    void workersThatAreToldToEndBySignalsServeUntilOthersDo(TestedPool.Kind kind) throws Exception {
        try (TestedPool pool = new TestedPool(karaf, kind);
                Load load = pool.load(CLIENTS)) {
            pool.awaitOn(2);
            int times = kind.times(2);
            for (int i = 1; i <= times; i++) {
                pool.replacedBy(() -> {
                    for (long pid : pool.pids()) {
                        Signals.send(pid, "TERM");
                    }
                });
                assertEquals(List.of(), load.failures(), "all told to end for the " + i + ". time");
            }
            load.close();
            report(kind + ", " + times + " times SIGTERM to all workers at once", load);
        }
    }

    @Test
    void deployingAndUndeployingLosesNoRequest() throws Exception {
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            int times = Runs.times(2);
            for (int i = 1; i <= times; i++) {
                karaf.deployAndAwait(echo, "echo.jar", "/echo");
                karaf.undeployAndAwait("echo.jar", "/echo");
                assertEquals(List.of(), load.failures(), "deployed for the " + i + ". time");
            }
            load.close();
            report(times + " deployments and as many removals of a bundle", load);
        } finally {
            karaf.undeploy("echo.jar");
        }
    }

    @ParameterizedTest
    @EnumSource
    void offAndOnAtRandomLosesNoRequest(TestedPool.Kind kind) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Set<String> off = new HashSet<>();
        int commands = 0;
        try (TestedPool pool = new TestedPool(karaf, kind);
                Load load = pool.load(CLIENTS)) {
            pool.awaitOn(2);
            List<Map<String, String>> workers = pool.rows();
            long end = System.nanoTime() + kind.lasting(Duration.ofSeconds(15)).toNanos();
            while (System.nanoTime() - end < 0) {
                Map<String, String> worker = workers.get(random.nextInt(workers.size()));
                if (off.remove(worker.get("id"))) {
                    pool.command("worker:on " + worker.get("id"));
                } else if (off.size() < workers.size() - 1) {
                    off.add(worker.get("id"));
                    pool.command("worker:off " + worker.get("id"));
                    assertServesNothing(worker, load);
                } else {
                    continue;
                }
                commands++;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(500)));
                assertEquals(List.of(), load.failures(), commands + " commands, seed " + seed);
            }
            load.close();
            report(kind + ", " + commands + " times off or on at random (seed " + seed + ")", load);
        }
    }

    /** What it had begun is answered; from there on the others do it all, on the same connections. */
    private void assertServesNothing(Map<String, String> worker, Load load) {
        awaitAnswers(load);
        long pid = Long.parseLong(worker.get("pid"));
        long last = load.answeredBy(pid);
        awaitAnswers(load);
        assertEquals(last, load.answeredBy(pid), worker.get("id") + " is off");
    }

    @Test
    void idleWorkerIsOffWithin100Milliseconds() throws Exception {
        new Workers(karaf).awaitOn(2);
        List<Http> kept = new ArrayList<>();
        String id = Table.parse(karaf.shell("worker:list")).rows().get(0).get("id");
        Pattern line = Pattern.compile("Worker " + id + " is off: it gave back (\\d+) connections within (\\d+) ms");
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Http http = new Http(karaf.httpPort());
                kept.add(http);
                http.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals(200, http.receive().status());
            }
            long before = karaf.log().stream().filter(line.asPredicate()).count();
            assertEquals("", karaf.shell("worker:off " + id).strip());
            karaf.await(
                    "the line about " + id,
                    () -> karaf.log().stream().filter(line.asPredicate()).count() > before);
            Matcher last = karaf.log().stream()
                    .map(line::matcher)
                    .filter(Matcher::find)
                    .reduce((first, second) -> second)
                    .orElseThrow();
            int milliseconds = Integer.parseInt(last.group(2));
            System.out.println(id + ", idle, gave back " + last.group(1) + " connections within " + milliseconds
                    + " ms of worker:off");
            Runs.assertTiming(milliseconds <= 100, last.group());
            for (Http http : kept) {
                http.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals(200, http.receive().status());
            }
        } finally {
            karaf.shell("worker:on " + id);
            for (Http http : kept) {
                http.close();
            }
        }
    }

    /** Waits until each client has had some answers more. */
    private void awaitAnswers(Load load) {
        long answered = load.answered();
        karaf.await("requests to be answered", () -> load.answered() > answered + 4 * CLIENTS);
    }

    @Test
    void whoDoesNotExistIsOneClearLine() throws Exception {
        for (String command : List.of("worker:off", "worker:on", "worker:recycle", "worker:kill")) {
            String printed = karaf.shell(command + " default-0").strip();
            assertEquals(1, printed.lines().count(), printed);
            assertTrue(printed.contains("there is no worker default-0"), printed);
        }
    }

    private static void report(String what, Load load) {
        assertEquals(List.of(), load.failures());
        assertTrue(load.answered() > CLIENTS, "answered " + load.answered());
        System.out.println(CLIENTS + " kept connections, " + what + ": " + load.answered()
                + " requests answered, 0 failed, 0 connections closed");
    }
}
