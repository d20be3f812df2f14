package org.handoff.itests.loss;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.handlers.karafservice.Activator;
import org.handoff.itests.handlers.karafservice.Greeting;
import org.handoff.itests.handlers.karafservice.Greets;
import org.handoff.itests.handlers.thrower.Thrower;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(OurKaraf.class)
class FaultsTest {

    private final Karaf karaf;

    FaultsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void throwingHandlerIs500WithoutDetailsAndItsWorkerLives() throws Exception {
        Path bundle = HandlerBundle.build("test.thrower", Thrower.class);
        try {
            karaf.deploy(bundle, "thrower.jar");
            karaf.awaitStatus(500, "/thrower");
            karaf.await("the first exception in the log", () -> logged(Thrower.SECRET) > 0);
            Http.Answer answer = karaf.get("/thrower");
            assertEquals(500, answer.status());
            assertFalse(answer.text().contains(Thrower.SECRET), answer.text());
            assertFalse(answer.text().contains("\tat "), answer.text());
            karaf.await("the second one", () -> logged(Thrower.SECRET) > 1);
            List<String> lines = karaf.log().stream()
                    .filter(line -> line.contains(Thrower.SECRET))
                    .toList();
            assertEquals(2, lines.size(), "each is logged once");
            long thrower = Long.parseLong(lines.get(lines.size() - 1).replaceAll(".*worker process (\\d+).*", "$1"));
            assertTrue(karaf.workers().stream().anyMatch(worker -> worker.pid() == thrower), "it lives: " + thrower);
            karaf.await("an answer of that worker", () -> pidIn(karaf.get("/hello")) == thrower);
        } finally {
            karaf.undeployAndAwait("thrower.jar", "/thrower");
        }
    }

    @Test
    void olderOfTwoHandlersWithOneContextServesAndTheConflictIsShown() throws Exception {
        Path older = HandlerBundle.build("test.older", Echo.class);
        Path newer = HandlerBundle.build("test.newer", Echo.class);
        try {
            karaf.deployAndAwait(older, "older.jar", "/echo");
            karaf.deploy(newer, "newer.jar");
            karaf.await(
                    "the conflict in monitor:contexts",
                    () -> karaf.shell("monitor:contexts").contains("test.newer"));
            assertEquals("test.older", karaf.get("/echo").text());
            karaf.undeploy("older.jar");
            karaf.await("the newer to serve", () -> karaf.get("/echo").text().equals("test.newer"));
        } finally {
            karaf.undeploy("older.jar");
            karaf.undeployAndAwait("newer.jar", "/echo");
        }
    }

    @Test
    void missingPackageIsNamedAndOtherContextsServe() throws Exception {
        // Karaf's own class path has this package, and no bundle that could come along into a worker.
        String missing = "org.apache.karaf.info";
        Path bundle = HandlerBundle.build("test.package", Echo.class, "Import-Package", missing + ",*");
        mustBeNamed(missing, bundle, "package.jar", "/echo");
    }

    @Test
    void missingServiceIsNamedAndOtherContextsServe() throws Exception {
        Path bundle = HandlerBundle.build("test.service", Greets.class, "Bundle-Activator", Activator.class.getName());
        mustBeNamed(Greeting.class.getName(), bundle, "service.jar", "/karafservice");
    }

    private void mustBeNamed(String missing, Path bundle, String name, String context) throws Exception {
        try {
            karaf.deploy(bundle, name);
            karaf.await(
                    missing + " in monitor:contexts",
                    () -> karaf.shell("monitor:contexts").contains(missing));
            karaf.await(missing + " in the log", () -> logged(missing) > 0);
            assertEquals(200, karaf.get("/hello").status());
            assertTrue(karaf.get(context).status() >= 400);
        } finally {
            karaf.undeploy(name);
            karaf.await(
                    context + " to be gone",
                    () -> !karaf.shell("monitor:contexts").contains(missing));
        }
        assertEquals(200, karaf.get("/hello").status());
    }

    @ParameterizedTest
    @CsvSource({
        "400, GET /hello HTTP/1.1",
        "400, GET hello HTTP/1.1|Host: localhost",
        "400, GET /hello HTTP/1.1|Host: localhost|Content-Length: x",
        "400, GET /hello HTTP/1.1|Host: localhost| folded: x",
        "505, GET /hello HTTP/2.0|Host: localhost"
    })
    void malformedRequestGetsItsStatusAndTheConnectionEnds(int status, String head) throws Exception {
        try (Http http = new Http(karaf.httpPort())) {
            http.send(head.replace("|", "\r\n") + "\r\n\r\n");
            assertEquals(status, http.receive().status());
            assertTrue(http.atEnd());
        }
        assertEquals(200, karaf.get("/hello").status());
    }

    private long logged(String text) throws IOException {
        List<String> log = karaf.log();
        return log.stream().filter(line -> line.contains(text)).count();
    }
}
