package org.handoff.itests.servlet;

import org.handoff.itests.handlers.shop.Shop;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A web application, which is no service of the Whiteboard. */
@ExtendWith(OurKaraf.class)
class WebApplicationTest {

    private static final String JAR = "wab.jar";
    private static final String POOL = "org.handoff.pool-wab.cfg";

    private final Karaf karaf;

    WebApplicationTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void selectedByAPoolItIsNamedAsWhatWorkersDoNotServe() throws Exception {
        try {
            karaf.deploy(HandlerBundle.build("test.wab", Shop.class, "Web-ContextPath", "/wab"), JAR);
            karaf.write(POOL, "servlets = (bundle=test.wab)\n");
            karaf.awaitPrinted("worker:info wab", "selects the web application (WAR) test.wab");
        } finally {
            karaf.delete(POOL);
            karaf.undeploy(JAR);
        }
    }
}
