package org.handoff.itests.deploy;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.handlers.gate.Gate;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OurKaraf.class)
class DeployTest {

    private final Karaf karaf;

    DeployTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void droppedBundleAnswersAndRemovedBundleIsGone() throws Exception {
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        assertEquals(404, karaf.get("/echo").status());
        try {
            karaf.deployAndAwait(echo, "echo.jar", "/echo");
            assertEquals("test.echo", karaf.get("/echo").text());
        } finally {
            karaf.undeployAndAwait("echo.jar", "/echo");
        }
        assertEquals(200, karaf.get("/hello").status());
    }

    @Test
    void requestInFlightKeepsItsWorkersAnswerWhileABundleIsDeployed() throws Exception {
        Path gate = HandlerBundle.build("test.gate", Gate.class);
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        karaf.deploy(gate, "gate.jar");
        // Without a port the handler fails, which tells that it is there.
        karaf.awaitStatus(500, "/gate");
        try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Http http = new Http(karaf.httpPort())) {
            http.send("GET /gate?" + door.getLocalPort() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            door.setSoTimeout((int) Await.DEADLINE.toMillis());
            String pid;
            try (Socket handling = door.accept()) {
                pid = new BufferedReader(new InputStreamReader(handling.getInputStream())).readLine();
                karaf.deployAndAwait(echo, "echo.jar", "/echo");
            }
            Http.Answer answer = http.receive();
            assertEquals(200, answer.status());
            assertEquals(pid, Long.toString(pidIn(answer)));
        } finally {
            karaf.undeploy("echo.jar");
            karaf.undeployAndAwait("gate.jar", "/gate");
            karaf.awaitStatus(404, "/echo");
        }
    }
}
