package org.handoff.itests.loss;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that a handler starts, and that outlives the worker, has none of the worker's connections. */
@ExtendWith(OurKaraf.class)
class ChildProcessTest {

    private static final Pattern CHILD = Pattern.compile("child process (\\d+)");
    private static final int CLIENTS = 8;

    private final Karaf karaf;

    ChildProcessTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource(names = {"JAVA", "C", "PYTHON"})
    void aChildThatOutlivesItsWorkerKeepsNoConnectionOpen(TestedPool.Kind kind) throws Exception {
        karaf.awaitConnections(0);
        List<Http> clients = new ArrayList<>();
        ProcessHandle child = null;
        try (TestedPool pool = new TestedPool(karaf, kind, "workers", "1", "dispatch", "connection")) {
            String path = pool.serveChild();
            pool.awaitOn(1);
            long worker = 0;
            for (int i = 0; i < CLIENTS; i++) {
                Http client = new Http(karaf.httpPort());
                clients.add(client);
                client.send("GET " + pool.hello() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                worker = pidIn(client.receive());
            }
            Http asking = clients.get(CLIENTS - 1);
            asking.send("GET " + path + "?start HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Http.Answer answer = asking.receive();
            Matcher found = CHILD.matcher(answer.text());
            assertTrue(found.find(), answer.status() + " " + answer.text());
            child = ProcessHandle.of(Long.parseLong(found.group(1))).orElseThrow();
            assertEquals(worker, pidIn(answer));

            Set<String> connections = Processes.acceptedAt(karaf.httpPort());
            assertTrue(connections.size() >= CLIENTS, connections::toString);
            assertTrue(
                    Processes.open(worker).values().stream().anyMatch(connections::contains),
                    "the worker has connections");
            assertTrue(
                    Processes.open(child.pid()).values().stream().noneMatch(connections::contains),
                    () -> "the child has one of " + connections);

            assertTrue(ProcessHandle.of(worker).orElseThrow().destroyForcibly());
            long killed = worker;
            karaf.await("another worker", () -> {
                Http.Answer again = karaf.get(pool.hello());
                return again.status() == 200 && pidIn(again) != killed;
            });
            for (Http client : clients) {
                client.close();
            }
            karaf.awaitConnections(0);
            assertTrue(child.isAlive(), "the child outlives all this");
        } finally {
            for (Http client : clients) {
                client.close();
            }
            if (child != null) {
                child.destroyForcibly();
            }
        }
    }
}
