package org.handoff.itests.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Roles;
import org.handoff.itests.karaf.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OurKaraf.class)
class ConsoleTest {

    private final Karaf karaf;

    ConsoleTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void listsTheWorkers() throws Exception {
        assertEquals(200, karaf.get("/hello").status());
        assertWorkers(karaf.shell("worker:list"));
    }

    @Test
    void listsTheWorkersInAScript() throws Exception {
        assertWorkers(karaf.client("worker:list"));
    }

    @Test
    void showsTheMonitorsState() throws Exception {
        assertEquals(200, karaf.get("/hello").status());
        String status = karaf.shell("monitor:status");
        for (String part : List.of(Integer.toString(karaf.httpPort()), "accepted", "handed off", "onnections")) {
            assertTrue(status.contains(part), part + " in:\n" + status);
        }
    }

    @Test
    void listsTheContexts() throws Exception {
        String printed = karaf.shell("monitor:contexts");
        for (String context : List.of("/hello", "/digest")) {
            List<Map<String, String>> rows = Table.parse(printed).rows().stream()
                    .filter(row -> context.equals(row.get("context")))
                    .toList();
            assertEquals(1, rows.size(), context + " in:\n" + printed);
            assertTrue(rows.get(0).get("target").contains("default"), printed);
            assertTrue(rows.get(0).containsKey("host"), printed);
        }
    }

    @Test
    void viewersSeeManagersManageAndAdminsKill() throws Exception {
        Roles.areKept(karaf, Roles.OF_WORKERS);
    }

    private void assertWorkers(String printed) throws Exception {
        List<Map<String, String>> rows = Table.parse(printed).rows();
        assertEquals(2, rows.size(), printed);
        Set<String> living = karaf.workers().stream()
                .map(worker -> Long.toString(worker.pid()))
                .collect(Collectors.toSet());
        for (Map<String, String> row : rows) {
            assertTrue(
                    row.keySet().containsAll(Set.of("id", "pool", "pid", "state", "requests", "memory", "age")),
                    printed);
            assertEquals("default", row.get("pool"), printed);
            assertEquals("on", row.get("state"), printed);
            assertTrue(living.contains(row.get("pid")), living + " in:\n" + printed);
        }
    }
}
