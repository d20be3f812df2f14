package org.handoff.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.itests.handlers.echo.Echo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The promise: workers come and go, and 64 clients on kept connections that never try again notice nothing. */
@ExtendWith(OurKaraf.class)
class NoLossTest {

    private static final int CLIENTS = 64;

    private final Karaf karaf;

    NoLossTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void recyclingThePoolTwentyTimesClosesNoConnectionAndLosesNoRequest() throws Exception {
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            for (int i = 1; i <= 20; i++) {
                Set<Long> before = pids();
                assertEquals("", karaf.shell("worker:recycle default").strip());
                karaf.await("the workers " + before + " to be replaced, for the " + i + ". time", () -> {
                    Set<Long> now = pids();
                    return now.size() == 2 && before.stream().noneMatch(now::contains);
                });
                assertEquals(List.of(), load.failures(), "recycled for the " + i + ". time");
            }
            load.close();
            report("20 recyclings of the pool", load);
        }
    }

    @Test
    void deployingAndUndeployingLosesNoRequest() throws Exception {
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            for (int i = 1; i <= 3; i++) {
                karaf.deployAndAwait(echo, "echo.jar", "/echo");
                karaf.undeployAndAwait("echo.jar", "/echo");
                assertEquals(List.of(), load.failures(), "deployed for the " + i + ". time");
            }
            load.close();
            report("3 deployments and 3 removals of a bundle", load);
        } finally {
            karaf.undeploy("echo.jar");
        }
    }

    @Test
    void offAndOnLosesNoRequest() throws Exception {
        List<Map<String, String>> workers = Table.parse(karaf.shell("worker:list")).rows();
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            for (int i = 0; i < 8; i++) {
                Map<String, String> worker = workers.get(i % workers.size());
                assertEquals("", karaf.shell("worker:off " + worker.get("id")).strip());
                // What it had begun is answered; from there on the others do it all, on the same connections.
                awaitAnswers(load);
                long pid = Long.parseLong(worker.get("pid"));
                long last = load.answeredBy(pid);
                awaitAnswers(load);
                assertEquals(last, load.answeredBy(pid), worker.get("id") + " is off");
                assertEquals("", karaf.shell("worker:on " + worker.get("id")).strip());
                assertEquals(List.of(), load.failures(), "off and on for the " + i + ". time");
            }
            load.close();
            report("8 times off and on", load);
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

    private Set<Long> pids() throws Exception {
        return karaf.workers().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }
}
