package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.handlers.exiter.Exiter;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Millis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A bundle that ends the JVM when it starts. */
@ExtendWith(OurKaraf.class)
class CrashLoopTest {

    private static final Duration WINDOW = Runs.lasting(Duration.ofSeconds(2), Duration.ofSeconds(10));

    private final Karaf karaf;
    private final Workers workers;
    private final Path cause = Karaf.FOLDER.resolve("cause");

    CrashLoopTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void newCodeThatEndsItsWorkersIsKeptOutAndEverythingElseIsServedUntilTheCauseIsGone() throws Exception {
        Path bundle = exiter();
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        Files.createFile(cause);
        try (Http kept = new Http(karaf.httpPort())) {
            karaf.deploy(bundle, "exiter.jar");
            karaf.awaitStatus(503, "/exiter");
            karaf.awaitPrinted("monitor:contexts", "exit status " + Exiter.STATUS);

            measure503("/exiter", "new code that ends its workers");
            assertEquals(200, karaf.get("/hello").status());
            kept.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, kept.receive().status());

            karaf.deployAndAwait(echo, "echo.jar", "/echo");
            assertEquals(503, karaf.get("/exiter").status());

            Files.delete(cause);
            long begin = System.nanoTime();
            karaf.awaitStatus(200, "/exiter");
            System.out.printf(
                    Locale.ROOT,
                    "new code that ends its workers: served %.1f s after the cause was gone%n",
                    (System.nanoTime() - begin) / 1e9);
            karaf.await("no problem", () -> !karaf.shell("monitor:contexts").contains("exit status"));
        } finally {
            Files.deleteIfExists(cause);
            karaf.undeploy("echo.jar");
            karaf.undeployAndAwait("exiter.jar", "/exiter");
        }
    }

    @Test
    void workersThatAllDieAreTriedOneByOneAndRecoverWhenTheCauseIsGone() throws Exception {
        Path bundle = exiter();
        try {
            karaf.deployAndAwait(bundle, "exiter.jar", "/exiter");
            workers.awaitOn(2);
            Files.createFile(cause);
            for (ProcessHandle worker : karaf.workers()) {
                worker.destroyForcibly();
            }
            karaf.awaitPrinted("worker:list", "crash-looping");
            karaf.awaitPrinted("monitor:contexts", "crash-looping");

            measure503("/hello", "all workers die");

            Files.delete(cause);
            long begin = System.nanoTime();
            karaf.awaitStatus(200, "/hello");
            System.out.printf(
                    Locale.ROOT,
                    "all workers die: served %.1f s after the cause was gone%n",
                    (System.nanoTime() - begin) / 1e9);
            workers.awaitOn(2);
            String list = karaf.shell("worker:list");
            assertTrue(!list.contains("crash-looping"), list);
        } finally {
            Files.deleteIfExists(cause);
            karaf.undeployAndAwait("exiter.jar", "/exiter");
        }
    }

    @Test
    void settingsThatNoWorkerStartsWithAreNotUsedAndSaidSoUntilTheyAreMended() throws Exception {
        workers.awaitOn(2);
        Set<Long> before = workers.pids();
        try {
            workers.configure("java.options", "-XX:NoSuchOption");
            karaf.awaitPrinted("monitor:contexts", "configuration is not used");
            karaf.awaitPrinted("monitor:contexts", "exit status 1");
            assertEquals(200, karaf.get("/hello").status());
            assertTrue(workers.pids().containsAll(before), "the former workers go on");
        } finally {
            workers.configure("java.options", "");
        }
        karaf.await("no problem", () -> !karaf.shell("monitor:contexts").contains("configuration is not used"));
        workers.awaitOn(2);
        assertEquals(before, workers.pids());
    }

    private Path exiter() throws Exception {
        return HandlerBundle.build("test.exiter", Exiter.class, Exiter.CAUSE, cause.toString());
    }

    /** For some seconds: what clients are told and how soon, and what it costs Karaf. */
    private void measure503(String target, String what) throws Exception {
        Millis times = new Millis();
        ProcessHandle process = karaf.process();
        Duration before = process.info().totalCpuDuration().orElseThrow();
        long begin = System.nanoTime();
        int retryMost = 0;
        try (Http http = new Http(karaf.httpPort())) {
            while (System.nanoTime() - begin < WINDOW.toNanos()) {
                Http.Answer answer = times.measure(() -> {
                    http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    return http.receive();
                });
                assertEquals(503, answer.status(), answer.text());
                int retry = Integer.parseInt(answer.field("Retry-After"));
                assertTrue(retry >= 1 && retry <= 60, "Retry-After: " + retry);
                retryMost = Math.max(retryMost, retry);
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
        double cpu = 100.0
                * process.info().totalCpuDuration().orElseThrow().minus(before).toNanos()
                / (System.nanoTime() - begin);
        System.out.printf(
                Locale.ROOT,
                "%s: 503 in %s; Retry-After up to %d s; Karaf's CPU %.1f %%%n",
                what,
                times,
                retryMost,
                cpu);
        Runs.assertTiming(times.percentile(90) < 10, times.toString());
        Runs.assertTiming(cpu < 5, "Karaf's CPU: " + cpu + " %");
    }
}
