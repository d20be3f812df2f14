package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Pids;
import org.handoff.itests.loss.TestedPool;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The requests that a new worker gets from its pool: {@code warmup}. */
@ExtendWith(OurKaraf.class)
class WarmUpTest {

    private static final int MOST = 3;

    private final Karaf karaf;

    WarmUpTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource
    void aNewWorkerIsWarmedUpBeforeItServesAndBesideItsRequests(TestedPool.Kind kind) throws Exception {
        String marks = kind.path("/marks");
        try (TestedPool pool = new TestedPool(
                karaf,
                kind,
                "workers",
                "1",
                "warmup",
                marks + " /nowhere " + marks,
                "max.requests",
                Integer.toString(MOST),
                "max.requests.jitter",
                "0")) {
            pool.serveMarks();
            pool.awaitOn(1);
            // Whatever has come before, the next worker serves from its beginning to its end.
            List<Long> pids = new ArrayList<>();
            try (Http client = new Http(karaf.httpPort())) {
                while (pids.stream().distinct().count() < 3) {
                    client.send("GET " + pool.hello() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    pids.add(Pids.pidIn(client.receive()));
                }
            }
            List<Long> workers = pids.stream().distinct().toList();
            long worker = workers.get(1);
            // Once it has answered MOST, another one starts, and it retires when that is ready; by itself it would
            // begin one more, as the request for /nowhere does not begin.
            long served = pids.stream().filter(pid -> pid == worker).count();
            assertTrue(served >= MOST && served <= MOST + 1, pids::toString);
            List<String> log = karaf.log();
            int ready = index(log, 0, " (pid " + workers.get(2) + ", ");
            String id = log.get(ready).replaceAll(".*Worker ([a-z0-9-]+) \\(pid .*", "$1");
            String request = "Worker " + id + ": the warm-up request for ";
            int first = index(log, 0, request + marks + " was answered: HTTP/1.1 500");
            int second = index(log, first + 1, request + "/nowhere got no response");
            int third = index(log, second + 1, request + marks + " was answered: HTTP/1.1 500");
            assertTrue(third < ready, log::toString);
        }
    }

    /** The first line from there on that has this text. */
    private static int index(List<String> log, int from, String text) {
        for (int i = from; i < log.size(); i++) {
            if (log.get(i).contains(text)) {
                return i;
            }
        }
        throw new AssertionError("no line after the " + from + ". has: " + text);
    }
}
