package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;

import org.handoff.itests.handlers.web.CodeActivator;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Client.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions of servlets are as the servlet specification says. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class ServletSessionTest {

    private static final String JAR = "sessions.jar";
    private static final String POOL = "org.handoff.pool-web.cfg";

    private final Karaf karaf;

    /** A client with its cookie. */
    private final class Browser {

        private String cookie;

        String get(String target) throws IOException {
            try (Http http = new Http(karaf.httpPort())) {
                http.send("GET /web/session" + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + (cookie == null ? "" : "Cookie: " + cookie + "\r\n") + "\r\n");
                Answer answer = http.receive();
                String set = answer.field("Set-Cookie");
                if (set != null) {
                    assertTrue(set.matches("JSESSIONID-web=[^;]*; Path=/;.*HttpOnly"), set);
                    cookie = set.substring(0, set.indexOf(';'));
                }
                return answer.status() == 200 ? answer.text() : "" + answer.status();
            }
        }
    }

    ServletSessionTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeAll
    void deploy() throws Exception {
        karaf.install("handoff-servlet");
        karaf.write(POOL, "servlets = (bundle=test.web)\nworkers = 1\nsettle.time = 1\n");
        karaf.deploy(
                HandlerBundle.build(
                        "test.web", CodeActivator.class, Map.of("Bundle-Activator", CodeActivator.class.getName())),
                JAR);
        karaf.awaitStatus(200, "/web/session/look");
    }

    @AfterAll
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, "/web/session/look");
        karaf.delete(POOL);
        karaf.shell("feature:uninstall handoff-servlet");
    }

    @Test
    void sessionIsAsTheSpecificationSays() throws Exception {
        Browser browser = new Browser();
        assertEquals("none false", browser.get("/look"));
        assertEquals("true 1800", browser.get("/new"));
        assertEquals("false 1800", browser.get("/new"));
        assertEquals("heard", browser.get("/listened"));
        String before = browser.cookie;
        assertEquals("true", browser.get("/change"));
        assertNotEquals(before, browser.cookie);
        assertEquals("heard", browser.get("/listened"));
        assertEquals("invalidated null", browser.get("/invalidate"));
        assertEquals("none false", browser.get("/look"));
        browser.cookie = before;
        assertEquals("none false", browser.get("/look"));
    }

    @Test
    void attributeHearsOfItsComingAndGoing() throws Exception {
        Browser browser = new Browser();
        assertEquals("listener", browser.get("/bind"));
        assertEquals("unlistener", browser.get("/unbind"));
    }

    @Test
    void attributeThatIsNotSerializableIsRefused() throws Exception {
        Browser browser = new Browser();
        assertEquals("500", browser.get("/not-serializable"));
    }
}
