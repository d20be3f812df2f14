package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

import org.handoff.itests.handlers.late.Late;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Workers;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The monitor goes, and workers finish what they have: a handler that is running, a response that is being read. */
@ExtendWith(OurKaraf.class)
class MonitorGoesTest {

    private final Karaf karaf;

    MonitorGoesTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void stoppedMonitorLetsWorkersFinishAndServesAgainWhenStarted() throws Exception {
        Path late = HandlerBundle.build("test.late", Late.class);
        try {
            karaf.deployAndAwait(late, "late.jar", "/late");
            new Workers(karaf).awaitOn(2);
            List<ProcessHandle> workers = karaf.workers();
            try (InFlight inFlight = new InFlight(karaf.httpPort())) {
                assertEquals("", karaf.shell("bundle:stop org.handoff.monitor").strip());
                assertThrows(ConnectException.class, () -> new Http(karaf.httpPort()).close());
                assertTrue(inFlight.idle.atEnd(), "the idle connection ends in order");
                assertTrue(workers.stream().anyMatch(ProcessHandle::isAlive), "somebody has requests to finish");
                assertEquals("", karaf.shell("bundle:start org.handoff.monitor").strip());
                karaf.awaitStatus(200, "/hello");
                // Only now, as the new pool must have left alone what the old workers still need.
                inFlight.mustComplete("bundle:stop of the monitor");
            } finally {
                karaf.shell("bundle:start org.handoff.monitor");
            }
            Processes.awaitEnd("the old workers", workers);
            karaf.await("two new ones", () -> karaf.workers().size() == 2);
        } finally {
            karaf.undeployAndAwait("late.jar", "/late");
        }
    }

    @Test
    void killedKarafLetsWorkersFinishAndNoneIsLeftBehind() throws Exception {
        Path late = HandlerBundle.build("test.late", Late.class);
        try (Karaf killed = OurKaraf.startAnother("killed-karaf")) {
            killed.deployAndAwait(late, "late.jar", "/late");
            new Workers(killed).awaitOn(2);
            List<ProcessHandle> workers = killed.workers();
            ProcessHandle process = killed.process();
            try (InFlight inFlight = new InFlight(killed.httpPort())) {
                assertTrue(process.destroyForcibly());
                Processes.awaitEnd("Karaf", List.of(process));
                assertTrue(inFlight.idle.atEnd(), "the idle connection ends in order");
                assertTrue(workers.stream().anyMatch(ProcessHandle::isAlive), "somebody has requests to finish");
                inFlight.mustComplete("kill -9 of Karaf");
            } finally {
                Processes.awaitEnd("the workers", workers);
            }
        }
    }

    /** A handler that waits and then streams, a response that nobody reads yet, and an idle connection. */
    private static final class InFlight implements AutoCloseable {

        /** More than the system buffers for one connection. */
        private static final int MIB_64 = 64 << 20;

        private final ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final Http reading;
        private final Http idle;
        private final Http handling;
        private final Socket handler;

        InFlight(int port) throws IOException {
            gate.setSoTimeout((int) Await.DEADLINE.toMillis());
            reading = new Http(port);
            reading.send("GET /digest?bytes=" + MIB_64 + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Await.await("the response to begin", reading::hasBegun, () -> "it has not");
            idle = new Http(port);
            idle.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, idle.receive().status());
            handling = new Http(port);
            handling.send("GET /late?" + gate.getLocalPort() + "-" + MIB_64 + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            handler = gate.accept();
        }

        void mustComplete(String what) throws IOException {
            handler.close();
            for (Http http : List.of(handling, reading)) {
                Http.Answer answer = http.receive();
                assertEquals(200, answer.status());
                assertEquals(MIB_64, answer.body().length);
                assertTrue(http.atEnd(), "and then its connection ends in order");
            }
            System.out.println(what + ": the request in its handler and the response half sent were completed, "
                    + 2 * MIB_64 + " bytes after the monitor had gone");
        }

        @Override
        public void close() throws IOException {
            for (AutoCloseable one : new AutoCloseable[] {handler, handling, idle, reading, gate}) {
                try {
                    one.close();
                } catch (Exception e) {
                    throw new IOException(e);
                }
            }
        }
    }
}
