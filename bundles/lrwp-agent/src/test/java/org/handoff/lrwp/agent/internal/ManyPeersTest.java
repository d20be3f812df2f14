package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fifty processes for five contexts. */
@Timeout(300)
class ManyPeersTest {

    private static final int CONTEXTS = 5;
    private static final int PEERS = 50;
    private static final int CLIENTS = 64;
    private static final int TURNS = 5;
    private static final int REQUESTS = 2_000;
    private static final int KILLS = 60;

    private final AtomicLong requests = new AtomicLong();
    private final Set<Long> failed = ConcurrentHashMap.newKeySet();
    private final List<String> wrong = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    @Test
    void freePeersServeInTurn() throws Exception {
        List<PeerProgram> peers = new ArrayList<>();
        try (Server server = new Server()) {
            for (int i = 0; i < PEERS; i++) {
                peers.add(PeerProgram.start(server, "c", "app" + i % CONTEXTS));
            }
            try (Client client = server.client()) {
                for (int i = 0; i < TURNS * PEERS; i++) {
                    await("all peers to be free", () -> free(server) == PEERS);
                    int status = client.get("/app" + i % CONTEXTS + "?sleep=0&id=" + i)
                            .answer()
                            .status();
                    assertEquals(200, status);
                }
            }
            List<Long> served = server.agent.peers().stream()
                    .map(AgentComponent.PeerStatus::requests)
                    .toList();
            assertEquals(Collections.nCopies(PEERS, (long) TURNS), served);
        } finally {
            for (PeerProgram peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void failedRequestsAreThoseThatKilledPeersHadBegun() throws Exception {
        List<PeerProgram> peers = new ArrayList<>();
        List<PeerProgram> killed = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (Server server = new Server()) {
            for (int i = 0; i < PEERS; i++) {
                peers.add(PeerProgram.start(server, "c", "app" + i % CONTEXTS));
            }
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                String context = "/app" + i % CONTEXTS;
                clients.add(threads.submit(() -> ask(server, context, 40)));
            }
            await("requests", () -> requests.get() >= REQUESTS || !wrong.isEmpty());
            assertEquals(Set.of(), failed, "nothing fails while nobody dies");

            Random random = new Random(1);
            for (int i = 0; i < KILLS; i++) {
                int at = random.nextInt(PEERS);
                PeerProgram victim = peers.get(at);
                victim.process.destroyForcibly();
                victim.process.onExit().join();
                killed.add(victim);
                peers.set(at, PeerProgram.start(server, "c", "app" + at % CONTEXTS));
            }
            end.countDown();
            for (Future<?> client : clients) {
                client.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            }
            assertEquals(List.of(), wrong);
            // What a peer had begun last when it was killed: it prints a request before it takes it off the connection.
            Set<Long> begun = killed.stream()
                    .map(PeerProgram::output)
                    .map(ManyPeersTest::last)
                    .collect(Collectors.toSet());
            Set<Long> unexplained = new TreeSet<>(failed);
            unexplained.removeAll(begun);
            System.out.println("ManyPeersTest: " + requests + " requests, " + KILLS + " peers killed, " + failed.size()
                    + " requests failed");
            assertEquals(Set.of(), unexplained, "requests that failed though no killed peer had begun them");
            assertFalse(failed.isEmpty(), "peers were killed while they served");
        } finally {
            end.countDown();
            threads.shutdownNow();
            for (PeerProgram peer : peers) {
                peer.close();
            }
            for (PeerProgram peer : killed) {
                peer.close();
            }
        }
    }

    private static long free(Server server) {
        return server.agent.peers().stream()
                .filter(peer -> peer.state().equals("free"))
                .count();
    }

    private static long last(String output) {
        String lines = output.strip();
        String line = lines.substring(lines.lastIndexOf('\n') + 1);
        return line.contains("id=") ? Long.parseLong(line.substring(line.indexOf("id=") + 3)) : -1;
    }

    private Void ask(Server server, String context, int millis) throws IOException {
        Client client = server.client();
        try {
            while (end.getCount() > 0) {
                long id = requests.incrementAndGet();
                try {
                    int status = client.get(context + "?sleep=" + millis + "&id=" + id)
                            .answer()
                            .status();
                    if (status == 502) {
                        failed.add(id);
                    } else if (status != 200) {
                        throw new IllegalStateException(context + " was answered " + status);
                    }
                } catch (IOException e) {
                    failed.add(id);
                    client.close();
                    client = server.client();
                }
            }
        } catch (RuntimeException | IOException e) {
            synchronized (wrong) {
                wrong.add(e.toString());
            }
        } finally {
            client.close();
        }
        return null;
    }
}
