package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.handoff.itests.handlers.web.CodeActivator;
import org.handoff.itests.handlers.web.OptionalServlet;
import org.handoff.itests.handlers.web.PlacedServlet;
import org.handoff.itests.handlers.webbroken.BrokenServlet;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** A web bundle is served by a pool after the steps of docs/servlets.md, and what is wrong with one is named. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class ServletPoolTest {

    private static final Path GUIDE = Path.of("..", "docs", "servlets.md");
    private static final String BUNDLE = "org.example.web";
    private static final String JAR = "web.jar";
    private static final String POOL = "org.handoff.pool-web.cfg";

    private final Karaf karaf;

    ServletPoolTest(Karaf karaf) {
        this.karaf = karaf;
    }

    /** The steps of the guide: that which brings the Whiteboard last, so that it is missed before. */
    @BeforeAll
    void deploy() throws Exception {
        List<String> steps = Pattern.compile("(?s)<!-- tested by ServletPoolTest -->\n```\n(.*?)```")
                .matcher(Files.readString(GUIDE))
                .results()
                .map(step -> step.group(1))
                .toList();
        assertEquals(2, steps.size());
        deployWorking();
        karaf.write(POOL, steps.get(1) + "settle.time = 1\nworkers = 1\n");
        karaf.awaitPrinted("monitor:contexts", "feature:install handoff-servlet");
        karaf.shell(steps.get(0).strip());
        karaf.awaitStatus(200, "/web/paths");
    }

    private void deployWorking() throws Exception {
        karaf.deploy(
                HandlerBundle.build(
                        BUNDLE, CodeActivator.class, Map.of("Bundle-Activator", CodeActivator.class.getName())),
                JAR);
    }

    @AfterAll
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, "/web/paths");
        karaf.delete(POOL);
        karaf.shell("feature:uninstall handoff-servlet");
    }

    @Test
    void servletsComeWithTheirConfigurationsAndThePatternsThere() throws Exception {
        karaf.awaitPrinted("monitor:contexts", "waits for the configuration " + OptionalServlet.PID);
        karaf.awaitStatus(404, "/web-optional");
        String optional = OptionalServlet.PID + ".cfg";
        String placed = PlacedServlet.PID + ".cfg";
        karaf.write(optional, "key = value\n");
        karaf.write(placed, "osgi.http.whiteboard.servlet.pattern = /web-placed\n");
        try {
            karaf.awaitPrinted("monitor:contexts", "/web-optional");
            karaf.awaitPrinted("monitor:contexts", "/web-placed");
            karaf.awaitStatus(200, "/web-optional");
            karaf.awaitStatus(200, "/web-placed");
        } finally {
            karaf.delete(optional, placed);
        }
        karaf.awaitStatus(404, "/web-optional");
        karaf.awaitStatus(404, "/web-placed");
        assertEquals(200, karaf.get("/web/paths").status());
    }

    @Test
    void servletAnswersFromAWorkerWithItsPathsAndParameters() throws Exception {
        String answer = karaf.get("/web/paths/a%20b/c?x=y").text();
        int last = answer.lastIndexOf('|');
        assertEquals("/web|/paths|/a b/c|/web/paths/a%20b/c|x=y|blue|hello", answer.substring(0, last));
        assertNotEquals(karaf.pid(), Long.parseLong(answer.substring(last + 1)));
    }

    @Test
    void contextsNameTheBundle() throws Exception {
        List<String> lines = karaf.shell("monitor:contexts").lines().toList();
        for (String context : List.of("/web/paths", "/web/do", "/web/code", "/web/files", "/web-exact", "/")) {
            assertTrue(
                    lines.stream()
                            .anyMatch(line -> line.startsWith(context + " ")
                                    && line.contains("pool web")
                                    && line.contains("serving")
                                    && line.contains(BUNDLE)),
                    context + " in " + lines);
        }
    }

    @Test
    void poolWithoutServletsHasNothingOfThem() throws Exception {
        assertTrue(karaf.shell("worker:bundles web").contains("org.handoff.servlet"));
        String others = karaf.shell("worker:bundles default");
        assertTrue(others.contains("org.apache.felix.scr"), others);
        assertFalse(others.contains("servlet"), others);
    }

    @Test
    void versionThatDoesNotStartIsNamedAndTheFormerServesOn() throws Exception {
        karaf.deploy(HandlerBundle.build(BUNDLE, BrokenServlet.class, "Bundle-Version", "2.0.0"), JAR);
        karaf.awaitPrinted("monitor:contexts", "its init() failed");
        assertEquals("|/web-exact|null", karaf.get("/web-exact").text());
        deployWorking();
        karaf.awaitStatus(200, "/web/paths");
        karaf.await("no failure", () -> !karaf.shell("monitor:contexts").contains("init() failed"));
    }

    @Test
    void filterThatSelectsNothingIsNamed() throws Exception {
        karaf.configure(POOL, "servlets", "(bundle=org.example.none)");
        karaf.awaitPrinted("worker:info web", "selects no service of the HTTP Whiteboard");
        karaf.awaitStatus(404, "/web/paths");
        karaf.configure(POOL, "servlets", "(bundle=");
        karaf.awaitPrinted("worker:info web", "not a filter");
        karaf.configure(POOL, "servlets", "(bundle=" + BUNDLE + ")");
        karaf.awaitStatus(200, "/web/paths");
    }
}
