package org.handoff.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker process that is stopped (SIGSTOP): it lives and does nothing. */
@ExtendWith(OurKaraf.class)
class StoppedWorkerTest {

    private static final int HEARTBEAT_SECONDS = 3;
    private static final int CLIENTS = 10;

    private final Karaf karaf;
    private final Workers workers;

    StoppedWorkerTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void itIsNoticedAndReplacedAndWhatItHadNotTakenIsServedByOthers() throws Exception {
        List<Http> clients = new ArrayList<>();
        try {
            workers.configure("heartbeat", Integer.toString(HEARTBEAT_SECONDS));
            workers.awaitOn(2);
            long pid = workers.pids().iterator().next();
            assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor());
            long begin = System.nanoTime();
            // All at once: some of them come to the stopped one.
            for (int i = 0; i < CLIENTS; i++) {
                Http client = new Http(karaf.httpPort());
                clients.add(client);
                client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            long late = 0;
            for (Http client : clients) {
                Http.Answer answer = client.receive();
                assertEquals(200, answer.status(), answer.text());
                late += System.nanoTime() - begin > 1e9 ? 1 : 0;
            }
            System.out.printf(Locale.ROOT, "a stopped worker: all of %d requests answered after %.2f s, with heartbeat = "
                + "%d s; %d of them waited for its end%n", CLIENTS, (System.nanoTime() - begin) / 1e9,
                HEARTBEAT_SECONDS, late);
            workers.awaitOn(2);
            assertFalse(workers.pids().contains(pid));
        } finally {
            for (Http client : clients) {
                client.close();
            }
            workers.configure("heartbeat", "10");
        }
    }
}
