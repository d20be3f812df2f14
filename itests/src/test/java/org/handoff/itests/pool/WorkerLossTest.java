package org.handoff.itests.pool;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.handoff.itests.handlers.hungry.Hungry;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Table;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pool replaces workers that end without its doing. */
@ExtendWith(OurKaraf.class)
class WorkerLossTest {

    private final Karaf karaf;

    WorkerLossTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void killedWorkerIsReplaced() throws Exception {
        long pid = pidIn(karaf.get("/hello"));
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
        karaf.await("two workers that are on, none of them " + pid, () -> {
            List<Map<String, String>> rows =
                    Table.parse(karaf.shell("worker:list")).rows();
            return rows.size() == 2
                    && rows.stream()
                            .allMatch(row -> row.get("state").equals("on")
                                    && !row.get("pid").equals(Long.toString(pid)));
        });
        assertEquals(200, karaf.get("/hello").status());
    }

    @Test
    void workerWithoutHeapIsReplacedAndAHandlerWithoutOtherMemoryFails() throws Exception {
        karaf.write("org.handoff.pool-hungry.cfg", "kind = java\nworkers = 1\n");
        try (Client kept = new Client(karaf.httpPort())) {
            karaf.deployAndAwait(HandlerBundle.build("test.hungry", Hungry.class), "hungry.jar", "/hungry");
            int before = karaf.log().size();
            String process = kept.get("/hungry").answer().text();
            assertEquals(500, karaf.get("/hungry?direct").status());
            assertEquals(process, kept.get("/hungry").answer().text());
            assertEquals(502, karaf.get("/hungry?heap").status());
            String other = kept.get("/hungry").answer().text();
            assertTrue(other.matches("process \\d+") && !other.equals(process), other + " after " + process);
            karaf.await(
                    "the reason in the log",
                    () -> karaf.logSince(before).stream()
                            .anyMatch(line -> line.contains("Terminating due to java.lang.OutOfMemoryError")));
        } finally {
            karaf.undeployAndAwait("hungry.jar", "/hungry");
            karaf.delete("org.handoff.pool-hungry.cfg");
            karaf.await("the end of its worker", () -> karaf.workers().size() == 2);
        }
    }
}
