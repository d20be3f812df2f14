package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Map;

import org.handoff.itests.handlers.web.PathServlet;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Servlets of the HTTP Whiteboard answer from the workers of a pool that selects them, and never in Karaf. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class ServletPoolTest {

    private static final String JAR = "web.jar";
    private static final String POOL = "org.handoff.pool-web.cfg";

    private final Karaf karaf;

    ServletPoolTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeAll
    void deploy() throws Exception {
        karaf.shell("feature:install handoff-servlet");
        karaf.write(POOL, "servlets = (osgi.http.whiteboard.context.name=web)\nworkers = 1\nsettle.time = 1\n");
        karaf.deploy(HandlerBundle.build("test.web", PathServlet.class, Map.of("Bundle-Version", "1.0.0")), JAR);
        karaf.awaitStatus(200, "/web/paths");
    }

    @AfterAll
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, "/web/paths");
        karaf.delete(POOL);
        karaf.shell("feature:uninstall handoff-servlet");
    }

    @Test
    void servletAnswersFromAWorkerWithItsPathsAndParameters() throws Exception {
        String answer = karaf.get("/web/paths/a%20b/c?x=y").text();
        int last = answer.lastIndexOf('|');
        assertEquals("/web|/paths|/a b/c|/web/paths/a%20b/c|x=y|blue|hello", answer.substring(0, last));
        assertNotEquals(karaf.pid(), Long.parseLong(answer.substring(last + 1)));
    }
}
