package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OurKaraf.class)
class ListenerTest {

    private static final String CFG = "org.handoff.monitor.cfg";

    private final Karaf karaf;

    ListenerTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @AfterEach
    void listensAsBefore() throws IOException {
        configurePort(karaf.httpPort());
        karaf.awaitStatus(200, "/hello");
    }

    @Test
    void changedPortTakesEffectWithoutARestart() throws Exception {
        long pid = karaf.pid();
        int other = Ports.free();
        try (Http kept = new Http(karaf.httpPort())) {
            kept.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, kept.receive().status());
            configurePort(other);
            karaf.await(
                    "an answer on port " + other,
                    () -> Http.get(other, "/hello").status() == 200);
            karaf.await("port " + karaf.httpPort() + " to be closed", this::refuses);
            kept.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, kept.receive().status(), "on the connection from before");
        }
        assertEquals(pid, karaf.pid());
    }

    @Test
    void portInUseIsOneClearErrorAndIsRetried() throws Exception {
        int taken;
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            taken = other.getLocalPort();
            configurePort(taken);
            karaf.await("the error in monitor:status", () -> errorIn(karaf.shell("monitor:status"), taken));
            assertEquals(200, karaf.get("/hello").status(), "on the former port");
        }
        karaf.await(
                "an answer on port " + taken, () -> Http.get(taken, "/hello").status() == 200);
        assertEquals(
                1,
                karaf.log().stream()
                        .filter(line -> line.contains("ERROR") && line.contains(":" + taken))
                        .count(),
                "errors in the log that name port " + taken);
        assertFalse(errorIn(karaf.shell("monitor:status"), taken), "no error is shown any more");
    }

    @Test
    void unknownKeyIsNamedWithTheNearest() throws Exception {
        String before = karaf.read(CFG);
        assertFalse(karaf.shell("monitor:status").contains("ignoring"), "keys that Karaf adds by itself");
        assertFalse(karaf.shell("worker:list").contains("ignoring"), "keys that Karaf adds by itself");
        try {
            karaf.configure(CFG, "prot", "8081");
            karaf.await(
                    "the key in monitor:status",
                    () -> karaf.shell("monitor:status")
                            .contains("ignoring keys of etc/org.handoff.monitor.cfg: prot (the nearest is port)"));
        } finally {
            karaf.write(CFG, before);
        }
    }

    private void configurePort(int port) throws IOException {
        karaf.configure(CFG, "port", Integer.toString(port));
    }

    private static boolean errorIn(String status, int port) {
        return status.lines().anyMatch(line -> line.contains(Integer.toString(port)) && line.contains("in use"));
    }

    private boolean refuses() {
        assertThrows(ConnectException.class, () -> karaf.get("/hello").status());
        return true;
    }
}
