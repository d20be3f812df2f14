package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;

import org.handoff.itests.handlers.jakarta.JakartaActivator;
import org.handoff.itests.handlers.servlet.TestServlet;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bundles built against other versions of the servlet API: earlier ones, as Karaf's web container takes them, and jakarta. */
@ExtendWith(OurKaraf.class)
class ServletVersionsTest {

    private static final String JAR = "web31.jar";
    private static final String POOL = "org.handoff.pool-web31.cfg";

    private final Karaf karaf;

    ServletVersionsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void bundleOfServlets31AnswersFromAPool() throws Exception {
        karaf.install("-r handoff-servlet");
        try {
            karaf.write(POOL, "servlets = (bundle=test.web31)\nworkers = 1\n");
            karaf.deploy(
                    HandlerBundle.build(
                            "test.web31", TestServlet.class, "Import-Package", "javax.servlet.*;version=\"[3.1,4)\",*"),
                    JAR);
            karaf.awaitStatus(200, "/servlet");
            assertEquals("a servlet", karaf.get("/servlet").text());
        } finally {
            karaf.undeployAndAwait(JAR, "/servlet");
            karaf.delete(POOL);
            karaf.await("the end of its worker", () -> karaf.workers().size() == 2);
            karaf.shell("feature:uninstall -r handoff-servlet");
        }
    }

    @Test
    void servletsOfJakartaAndOfJavaxAnswerFromOnePool() throws Exception {
        karaf.install("-r handoff-servlet");
        try {
            karaf.write(POOL, "servlets = (|(bundle=test.jakarta)(bundle=test.javax))\nworkers = 1\n");
            karaf.deploy(
                    HandlerBundle.build(
                            "test.jakarta",
                            JakartaActivator.class,
                            Map.of("Bundle-Activator", JakartaActivator.class.getName())),
                    "jakarta.jar");
            karaf.deploy(HandlerBundle.build("test.javax", TestServlet.class), JAR);
            karaf.awaitStatus(200, "/servlet");
            karaf.awaitStatus(200, "/jakarta/a");
            assertEquals("a servlet", karaf.get("/servlet").text());
            assertEquals(
                    "filtered|/jakarta|/a b|heard|here",
                    karaf.get("/jakarta/a%20b?set=here").text());
        } finally {
            karaf.undeployAndAwait(JAR, "/servlet");
            karaf.undeployAndAwait("jakarta.jar", "/jakarta/a");
            karaf.delete(POOL);
            karaf.await("the end of its worker", () -> karaf.workers().size() == 2);
            karaf.shell("feature:uninstall -r handoff-servlet");
        }
    }
}
