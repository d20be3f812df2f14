package org.handoff.itests.deploy;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.load.Doors;
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
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        try (Doors doors = new Doors(karaf);
                Http http = new Http(karaf.httpPort())) {
            doors.send(http);
            long pid = doors.awaitHeld();
            karaf.deployAndAwait(echo, "echo.jar", "/echo");
            doors.open();
            Http.Answer answer = http.receive();
            assertEquals(200, answer.status());
            assertEquals(pid, pidIn(answer));
        } finally {
            karaf.undeployAndAwait("echo.jar", "/echo");
        }
    }
}
