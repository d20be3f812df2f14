package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.handoff.itests.handlers.servlet.TestServlet;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bundles built against earlier versions of the servlet API, as Karaf's web container takes them. */
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
        karaf.shell("feature:install -r handoff-servlet");
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
}
