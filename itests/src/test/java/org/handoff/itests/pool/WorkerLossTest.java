package org.handoff.itests.pool;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
}
