package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;

import org.handoff.itests.handlers.targets.TargetsActivator;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Client.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The target of a service chooses among pools that select its bundle, and a pool may have a host of its own. */
@ExtendWith(OurKaraf.class)
class ServletTargetsTest {

    private static final String JAR = "targets.jar";
    private static final String PUBLIC = "org.handoff.pool-public.cfg";
    private static final String STAFF = "org.handoff.pool-staff.cfg";
    private static final String OF_STAFF = "staff.example.org";
    private static final String ANY = "www.example.org";

    private final Karaf karaf;

    ServletTargetsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void targetAndHostChooseThePool() throws Exception {
        karaf.install("-r handoff-servlet");
        try {
            String servlets = "servlets = (bundle=test.targets)\nworkers = 1\n";
            karaf.write(PUBLIC, servlets);
            karaf.write(STAFF, servlets + "servlets.host = Staff.example.org\n");
            karaf.deploy(
                    HandlerBundle.build(
                            "test.targets",
                            TargetsActivator.class,
                            Map.of("Bundle-Activator", TargetsActivator.class.getName())),
                    JAR);
            karaf.awaitStatus(200, "/target-public");
            karaf.await(
                    "the pool for the staff",
                    () -> ask(OF_STAFF, "/target-staff").equals("staff"));
            assertEquals("public", ask(ANY, "/target-public"));
            assertEquals("public", ask(OF_STAFF, "/target-public"), "where the host has none of its own");
            assertEquals("404", ask(ANY, "/target-staff"));
            assertEquals("staff", ask(OF_STAFF, "/target-host"));
            assertEquals("404", ask(ANY, "/target-host"));
            assertEquals("staff", ask(OF_STAFF, "/target-none"));
            assertEquals("public", ask(ANY, "/target-none"));
            String contexts = karaf.shell("monitor:contexts");
            assertTrue(contexts.contains("(handoff.pool=staff) is for another Whiteboard"), contexts);
        } finally {
            karaf.undeployAndAwait(JAR, "/target-public");
            karaf.delete(PUBLIC, STAFF);
            karaf.await("the end of their workers", () -> karaf.workers().size() == 2);
            karaf.shell("feature:uninstall -r handoff-servlet");
        }
    }

    /** The text, or the status of a failure. */
    private String ask(String host, String target) throws IOException {
        try (Http http = new Http(karaf.httpPort())) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            Answer answer = http.receive();
            return answer.status() == 200 ? answer.text() : "" + answer.status();
        }
    }
}
