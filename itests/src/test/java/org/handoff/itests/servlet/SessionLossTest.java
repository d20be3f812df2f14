package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.itests.handlers.counting.CountServlet;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Table;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions of servlets stay whatever happens to workers: no count is lost. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class SessionLossTest {

    private static final String JAR = "counting.jar";
    private static final String POOL = "org.handoff.pool-counting.cfg";
    private static final String KEYS = "servlets = (bundle=test.counting)\nworkers = 2\nsettle.time = 1\n";
    private static final String CONTEXT = "/count";
    private static final int CLIENTS = 4;

    private final Karaf karaf;
    private final List<CountingClient> clients = new ArrayList<>();

    SessionLossTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeAll
    void deploy() throws Exception {
        karaf.install("handoff-servlet");
        karaf.write(POOL, KEYS);
        karaf.deploy(build("1.0.0"), JAR);
        karaf.awaitStatus(200, CONTEXT);
    }

    private static Path build(String version) throws Exception {
        return HandlerBundle.build("test.counting", CountServlet.class, Map.of("Bundle-Version", version));
    }

    @AfterEach
    void endClients() throws InterruptedException {
        for (CountingClient client : clients) {
            client.close();
        }
        clients.clear();
    }

    @AfterAll
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, CONTEXT);
        karaf.delete(POOL);
        karaf.shell("feature:uninstall handoff-servlet");
    }

    private void startClients() {
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new CountingClient(karaf.httpPort(), CONTEXT));
        }
        awaitCounts();
    }

    /** Each client goes on counting. */
    private void awaitCounts() {
        List<Integer> before = clients.stream().map(CountingClient::count).toList();
        karaf.await("each client to count on", () -> {
            assertRight();
            for (int i = 0; i < CLIENTS; i++) {
                if (clients.get(i).count() < before.get(i) + 20) {
                    return false;
                }
            }
            return true;
        });
    }

    private void assertRight() {
        clients.forEach(client -> assertEquals("", client.problem()));
    }

    private Set<Long> workers() throws IOException {
        Set<Long> pids = new HashSet<>();
        for (Map<String, String> row : Table.parse(karaf.shell("worker:list")).rows()) {
            if (row.get("pool").equals("counting") && row.get("state").equals("on")) {
                pids.add(Long.parseLong(row.get("pid")));
            }
        }
        return pids;
    }

    private void awaitOthers(Set<Long> before) {
        karaf.await("two workers in place of " + before, () -> {
            Set<Long> now = workers();
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
    }

    @Test
    void noCountIsLostByRecyclingKillingAndDeploying() throws Exception {
        startClients();
        Set<Long> first = workers();
        karaf.shell("worker:recycle counting");
        awaitOthers(first);
        awaitCounts();
        assertEquals(0, clients.stream().mapToInt(CountingClient::unanswered).sum());

        Set<Long> second = workers();
        for (long pid : second) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        awaitOthers(second);
        awaitCounts();
        // A worker has one request at a time; all others are not lost with it.
        int unanswered = clients.stream().mapToInt(CountingClient::unanswered).sum();
        assertTrue(unanswered <= second.size(), unanswered + " requests without an answer");

        karaf.deploy(build("2.0.0"), JAR);
        karaf.await(
                "the new version for each client",
                () -> clients.stream().allMatch(client -> client.versions().contains("2.0.0")));
        awaitCounts();
        assertRight();
        assertEquals(
                unanswered,
                clients.stream().mapToInt(CountingClient::unanswered).sum());
        for (CountingClient client : clients) {
            assertTrue(client.processes().size() >= 3, client.processes().toString());
        }
        assertListed();
    }

    private void assertListed() throws IOException {
        Map<String, String> pool = Table.parse(karaf.shell("session:list")).rows().stream()
                .filter(row -> row.get("pool").equals("counting"))
                .findFirst()
                .orElseThrow();
        assertTrue(Integer.parseInt(pool.get("sessions")) >= CLIENTS, pool.toString());
        assertEquals("", pool.get("problem"));
        String sessions = karaf.shell("session:list counting");
        String log = String.join("\n", karaf.log());
        for (CountingClient client : clients) {
            String id = client.session().split("=")[1];
            assertTrue(sessions.contains(id.substring(0, 4) + "…"), sessions);
            assertFalse(sessions.contains(id), "the whole id is shown");
            assertFalse(log.contains(id), "the id is in the log");
        }
        assertTrue(karaf.shell("session:list nowhere").contains("no pool nowhere keeps sessions"));
    }

    @Test
    void requestsAreRefusedWhileTheStoreIsAwayAndServedAfterwards() throws Exception {
        startClients();
        endClients();
        karaf.shell("bundle:stop org.handoff.session.store");
        try {
            karaf.awaitStatus(503, CONTEXT);
            assertEquals(200, karaf.get(CONTEXT + "?without").status());
        } finally {
            karaf.shell("bundle:start org.handoff.session.store");
        }
        karaf.awaitStatus(200, CONTEXT);
    }

    @Test
    void workersOfAnotherUserHaveSessions() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may start processes of other users");
        Set<Long> before = workers();
        karaf.write(POOL, KEYS + "user = nobody\n");
        try {
            awaitOthers(before);
            startClients();
        } finally {
            endClients();
            Set<Long> others = workers();
            karaf.write(POOL, KEYS);
            awaitOthers(others);
        }
    }

    @Test
    void sessionThatAClientMakesUpIsNotTaken() throws Exception {
        try (Http http = new Http(karaf.httpPort())) {
            http.send("GET " + CONTEXT + " HTTP/1.1\r\nHost: h\r\nCookie: JSESSIONID=" + "x".repeat(32) + "\r\n\r\n");
            Http.Answer answer = http.answer();
            assertTrue(answer.text().startsWith("1 1 "), answer.text());
            assertFalse(answer.field("Set-Cookie").contains("xxxx"), answer.head());
        }
    }
}
