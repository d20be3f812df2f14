package org.handoff.itests.shell;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Shell;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The commands that show what workers do. */
@ExtendWith(OurKaraf.class)
class CommandsTest {

    private final Karaf karaf;
    private final Workers workers;

    CommandsTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void infoTellsEverythingAboutAWorker() throws Exception {
        workers.awaitOn(2);
        try (Http kept = new Http(karaf.httpPort())) {
            String[] told = new String[3];
            // The balance may want the connection for the other worker behind a response: then the next one shows it.
            karaf.await("the worker that answers to keep the connection", () -> {
                kept.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
                told[0] = Long.toString(pidIn(kept.receive()));
                told[1] = workers.rows().stream()
                        .filter(row -> row.get("pid").equals(told[0]))
                        .findFirst()
                        .orElseThrow()
                        .get("id");
                told[2] = karaf.shell("worker:info " + told[1]);
                return told[2].lines().anyMatch(line -> line.matches("connections +1 idle.*"));
            });
            String pid = told[0];
            String id = told[1];
            String info = told[2];
            for (String part : List.of(
                    "id +" + id,
                    "state +on",
                    "pid +" + pid,
                    "pool +default",
                    "generation +generation",
                    "java +\\d+.*/bin/java",
                    "command +.*-Xmx64m.*-jar ",
                    "request +none",
                    "history +\\S+ \\S+ starting",
                    "history +\\S+ \\S+ on",
                    "last exit ")) {
                assertTrue(info.lines().anyMatch(line -> line.matches(part + ".*")), part + " in:\n" + info);
            }
        }
    }

    @Test
    void infoTellsTheSettleTimeOfAPool() throws Exception {
        String info = karaf.shell("worker:info default");
        assertTrue(info.lines().anyMatch(line -> line.matches("settle time +1 s")), info);
    }

    @Test
    void infoTellsHowAWorkerEnded() throws Exception {
        workers.awaitOn(2);
        Map<String, String> worker = workers.rows().get(0);
        assertEquals("", karaf.shell("worker:kill " + worker.get("id")).strip());
        workers.awaitOn(2);
        String info = karaf.shell("worker:info " + worker.get("id"));
        assertTrue(info.lines().anyMatch(line -> line.matches("state +exited: killed, by command")), info);
        String other = karaf.shell("worker:info " + workers.rows().get(0).get("id"));
        assertTrue(
                other.lines().anyMatch(line -> line.matches("last exit .*" + worker.get("id") + ".*by command")),
                other);
    }

    @Test
    void aDumpIsInTheLogWhenTheCommandReturns() throws Exception {
        workers.awaitOn(2);
        String id = workers.rows().get(1).get("id");
        assertEquals("", karaf.shell("worker:dump " + id).strip());
        karaf.await(
                "the threads in the log",
                () -> karaf.log().stream().anyMatch(line -> line.contains("[" + id + "] \"io\"")));
    }

    @Test
    void bundlesComponentsAndServicesOfAWorkerAreShown() throws Exception {
        workers.awaitOn(2);
        String id = workers.rows().get(0).get("id");
        for (String name : List.of("default", id)) {
            String bundles = karaf.shell("worker:bundles " + name);
            assertTrue(row(bundles, "bundle", "org.handoff.examples.hello").containsValue("Active"), bundles);
            String components = karaf.shell("worker:components " + name);
            assertTrue(row(components, "bundle", "org.handoff.examples.hello").containsValue("active"), components);
            String services = karaf.shell("worker:services " + name);
            assertEquals(
                    "org.handoff.worker.api.Handler",
                    row(services, "bundle", "org.handoff.examples.hello").get("types"),
                    services);
        }
    }

    private static Map<String, String> row(String printed, String column, String value) {
        return Table.parse(printed).rows().stream()
                .filter(row -> value.equals(row.get(column)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + value + " in:\n" + printed));
    }

    @Test
    void topIsOneViewInAScriptAndALiveOneInATerminal() throws Exception {
        workers.awaitOn(2);
        String once = karaf.shell("worker:top");
        assertTrue(once.contains("Pool default: 2 workers of 2, 0 connections waiting"), once);
        assertEquals(2, Table.parse(once).rows().size(), once);
        try (Shell.Terminal terminal = karaf.terminal()) {
            terminal.type("worker:top\r");
            karaf.await("three views", () -> terminal.printed().split("q leaves", -1).length > 3);
            assertTrue(terminal.printed().contains("requests a second"), terminal.printed());
            terminal.type("q");
            terminal.type("shell:echo 'le''ft'\r");
            karaf.await("the prompt", () -> terminal.printed().contains("left"));
        }
    }

    @Test
    void whoDoesNotExistIsOneClearLine() throws Exception {
        for (String command : List.of("worker:info", "worker:dump", "worker:bundles")) {
            String printed = karaf.shell(command + " default-0").strip();
            assertEquals(1, printed.lines().count(), printed);
            assertTrue(printed.contains("there is no worker default-0"), printed);
        }
    }
}
