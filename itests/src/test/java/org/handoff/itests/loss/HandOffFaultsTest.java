package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Load;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a hand-off needs runs out: descriptors in the monitor or in workers, room in a worker's control socket. */
@ExtendWith(OurKaraf.class)
class HandOffFaultsTest {

    private static final String REQUEST = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final int CLIENTS = 16;
    /** The descriptors that a worker at its limit may still open. */
    private static final int FREE = 5;

    private final Karaf karaf;

    HandOffFaultsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    /** Whatever a test before it has changed: no worker comes or goes while descriptors are counted. */
    @BeforeEach
    void settle() {
        new Workers(karaf).awaitOn(2);
    }

    @Test
    void monitorWithoutDescriptorsLetsConnectionsWait() throws Exception {
        long linesBefore = lines("cannot accept on");
        List<Http> kept = new ArrayList<>();
        karaf.awaitConnections(0);
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            awaitAll(load);
            OpenDescriptors before = OpenDescriptors.of(karaf.pid());
            Processes.limitDescriptors(karaf.pid(), 10);
            try {
                connect(kept, 60);
                karaf.await("the monitor to have no descriptor left", () -> lines("cannot accept on") > linesBefore);
                awaitAnswers(load);
                // Each that goes makes room for one that waits.
                for (Http http : kept) {
                    assertEquals(200, http.receive().status());
                    http.close();
                }
            } finally {
                Processes.unlimitDescriptors(karaf.pid());
            }
            awaitAnswers(load);
            before.awaitNoMore();
            load.close();
            assertEquals(List.of(), load.failures());
            assertEquals(1, lines("cannot accept on") - linesBefore, "lines in the log");
            System.out.println("the monitor at its limit of descriptors, 10 free: 60 of 60 new connections answered "
                    + "200, " + load.answered() + " requests on " + CLIENTS + " old ones, 0 failed, 1 line in the log");
        } finally {
            closeAll(kept);
        }
    }

    @Test
    void workersWithoutDescriptorsGiveBackAndServeOn() throws Exception {
        String line = "cannot take connections";
        long linesBefore = lines(line);
        List<Http> kept = new ArrayList<>();
        Workers pool = new Workers(karaf);
        // Else a worker that seems slow would keep no connection, and need a descriptor for each request; and on a slow
        // machine those that are idle would go back, and make room.
        pool.replacedBy(() -> pool.configure("dispatch", "connection", "http.idle.timeout", "60"));
        List<ProcessHandle> workers = karaf.workers();
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            awaitAll(load);
            // Without the load's connections: the balance moves them from one worker to the other, and at this moment
            // one may be on its way.
            long before = openIn(workers).others();
            Processes.limitDescriptors(workers.get(0).pid(), FREE);
            connect(kept, 60);
            for (Http http : kept) {
                assertEquals(200, http.receive().status(), "another worker takes it");
            }
            Processes.limitDescriptors(workers.get(1).pid(), FREE);
            List<Http> more = connect(kept, 60);
            int refused = 0;
            for (Http http : more) {
                Http.Answer answer = http.receive();
                assertTrue(answer.status() == 200 || answer.status() == 503, answer.text());
                refused += answer.status() == 503 ? 1 : 0;
                assertEquals(answer.status() == 503, answer.field("Retry-After") != null);
            }
            // Each of the load's connections that the balance has taken from a worker makes room for another one there.
            assertTrue(refused >= more.size() - 2 * FREE - CLIENTS, refused + " answered 503");
            awaitAnswers(load);
            closeAll(kept);
            karaf.await("no more descriptors than before, and the load's connections", () -> {
                Open now = openIn(workers);
                return now.others() <= before && now.connections() <= CLIENTS;
            });
            // There is room again; a worker that could not take one gets the next one a second later.
            karaf.awaitStatus(200, "/hello");
            load.close();
            assertEquals(List.of(), load.failures());
            assertEquals(2, lines(line) - linesBefore, "lines in the log, one for each worker");
            assertEquals(workers, karaf.workers(), "they live");
            System.out.println("one worker at its limit of descriptors: 60 of 60 new connections answered 200; both: "
                    + refused + " of 60 answered 503, the others 200; " + load.answered() + " requests on " + CLIENTS
                    + " old connections, 0 failed, 1 line in the log for each worker");
        } finally {
            for (ProcessHandle worker : workers) {
                Processes.unlimitDescriptors(worker.pid());
            }
            closeAll(kept);
            pool.replacedBy(() -> pool.configure("dispatch", "adaptive", "http.idle.timeout", "5"));
        }
    }

    @Test
    void stoppedWorkerWhoseControlSocketIsFullLosesNothing() throws Exception {
        int connections = 1400;
        List<Http> kept = new ArrayList<>();
        // Where the other worker is slow, on a busy machine, they wait in the queue.
        new Workers(karaf).configure("queue.length", Integer.toString(connections));
        OpenDescriptors before = karaf.descriptors();
        long stopped = karaf.workers().get(0).pid();
        int handed;
        Signals.send(stopped, "STOP");
        try {
            connect(kept, connections);
            karaf.await(
                    "the monitor to have accepted them all",
                    () -> before.openedSince().size() >= connections);
            handed = handedTo(stopped);
            assertTrue(handed < 0.48 * connections, "its control socket is not full with " + handed);
        } finally {
            Signals.send(stopped, "CONT");
        }
        try {
            for (Http http : kept) {
                assertEquals(200, http.receive().status());
            }
            System.out.println("a worker stopped until its control socket was full, with " + handed + " connections: "
                    + connections + " of " + connections + " answered 200");
        } finally {
            closeAll(kept);
            new Workers(karaf).configure("queue.length", "1000");
        }
    }

    private int handedTo(long pid) throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pid").equals(Long.toString(pid)))
                .mapToInt(row -> Integer.parseInt(row.get("connections")))
                .findFirst()
                .orElseThrow();
    }

    /** Opens connections with a request on each; they are returned, and added to the list first. */
    private List<Http> connect(List<Http> kept, int count) throws IOException {
        List<Http> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Http http = new Http(karaf.httpPort());
            kept.add(http);
            opened.add(http);
            http.send(REQUEST);
        }
        return opened;
    }

    private static void closeAll(List<Http> connections) throws IOException {
        for (Http http : connections) {
            http.close();
        }
    }

    /** What workers have open. @param connections those of clients */
    private record Open(long connections, long others) {}

    private Open openIn(List<ProcessHandle> workers) throws IOException {
        Set<String> accepted = Processes.acceptedAt(karaf.httpPort());
        long connections = 0;
        long others = 0;
        for (ProcessHandle worker : workers) {
            for (String link : Processes.open(worker.pid()).values()) {
                if (accepted.contains(link)) {
                    connections++;
                } else {
                    others++;
                }
            }
        }
        return new Open(connections, others);
    }

    /** Waits until each of its clients has a connection, and is answered. */
    private void awaitAll(Load load) {
        karaf.awaitConnections(CLIENTS);
        awaitAnswers(load);
    }

    private void awaitAnswers(Load load) {
        long answered = load.answered();
        karaf.await("requests to be answered", () -> load.answered() > answered + 4 * CLIENTS);
    }

    private long lines(String text) throws IOException {
        return karaf.log().stream().filter(line -> line.contains(text)).count();
    }
}
