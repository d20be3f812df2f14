package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Pids;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The example that leaks 1 KiB with each request, and stays healthy by {@code max.memory}. */
@ExtendWith(OurKaraf.class)
class LeakingWorkerTest {

    private static final String CFG = "org.handoff.pool-leak.cfg";
    private static final int REQUESTS = Runs.times(8_000, 200_000);
    private static final int CLIENTS = 16;
    /** What each client sends before it reads an answer. */
    private static final int PIPELINED = 64;

    /** How many workers there are at least, of which two at a time. */
    private static final int LIVES = 4;

    private static final long KIB = 1 << 10;
    private static final long MOST = 6 << 20;
    /** What the workers may leak in a round, if one of them answers all of it, and what a round itself needs. */
    private static final long ROUND = CLIENTS * PIPELINED * KIB + (1 << 20);

    private final Karaf karaf;

    LeakingWorkerTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void isReplacedBeforeItsMemoryHurtsAndNobodyNotices() throws Exception {
        karaf.write(
                CFG, "kind = native\ncontext = /leak\nmax.memory = 6m\ncommand = " + CWorker.example("leak") + "\n");
        karaf.awaitStatus(200, "/leak");
        Set<Long> answeredBy = new HashSet<>();
        List<Http> clients = new ArrayList<>();
        long most = 0;
        int answered = 0;
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Http(karaf.httpPort()));
            }
            while (answered < REQUESTS || answeredBy.size() < LIVES) {
                answered += round(clients, answeredBy);
                for (long pid : pids()) {
                    most = Math.max(most, resident(pid));
                    // So the next round finds none of those who have leaked enough, however slow the machine is.
                    karaf.await(
                            "the end of worker process " + pid + ", as it exceeds max.memory",
                            () -> resident(pid) <= MOST);
                }
            }
        } finally {
            for (Http client : clients) {
                client.close();
            }
            karaf.delete(CFG);
            karaf.awaitStatus(404, "/leak");
        }
        System.out.printf(
                "a worker that leaks 1 KiB a request, max.memory = 6m: %d requests answered on %d kept connections, "
                        + "0 failed; %d workers, of which the largest had %d KiB%n",
                answered, CLIENTS, answeredBy.size(), most / KIB);
        assertTrue(most <= MOST + ROUND, "the largest had " + most / KIB + " KiB");
    }

    /** Pipelined requests on all connections. @return how many were answered, which is all */
    private static int round(List<Http> clients, Set<Long> answeredBy) throws IOException {
        String requests = "GET /leak HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(PIPELINED);
        for (Http client : clients) {
            client.send(requests);
        }
        for (Http client : clients) {
            for (int i = 0; i < PIPELINED; i++) {
                Http.Answer answer = client.receive();
                assertEquals(200, answer.status(), answer.text());
                answeredBy.add(Pids.pidIn(answer));
            }
        }
        return clients.size() * PIPELINED;
    }

    private List<Long> pids() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pool").equals("leak"))
                .map(row -> Long.valueOf(row.get("pid")))
                .toList();
    }

    /** The resident memory of a process; 0 where it has just ended. */
    private static long resident(long pid) {
        try {
            return Processes.residentKib(pid) * KIB;
        } catch (IOException e) {
            return 0;
        }
    }
}
