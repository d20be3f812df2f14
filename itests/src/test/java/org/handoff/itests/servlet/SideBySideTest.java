package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.handoff.itests.handlers.web.CodeActivator;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The same bundle of servlets in a pool and in Karaf's own web container, Pax Web, in one Karaf. */
@TestInstance(Lifecycle.PER_CLASS)
class SideBySideTest {

    private final int webPort = Ports.free();
    private final Karaf karaf;

    SideBySideTest() throws IOException {
        int port = Ports.free();
        karaf = Karaf.start(
                OurKaraf.archive("side-by-side"),
                port,
                editConfigurationFilePut("etc/org.handoff.monitor.cfg", "address", "127.0.0.1"),
                editConfigurationFilePut("etc/org.handoff.monitor.cfg", "port", Integer.toString(port)),
                editConfigurationFilePut("etc/org.ops4j.pax.web.cfg", "org.osgi.service.http.port", "" + webPort));
    }

    @BeforeAll
    void deploy() throws Exception {
        karaf.shell("feature:install http-whiteboard handoff-servlet");
        karaf.write("org.handoff.pool-web.cfg", "servlets = (bundle=test.web)\nworkers = 1\n");
        karaf.deploy(
                HandlerBundle.build(
                        "test.web", CodeActivator.class, Map.of("Bundle-Activator", CodeActivator.class.getName())),
                "web.jar");
        karaf.awaitStatus(200, "/web/paths");
        karaf.await("Pax Web", () -> Http.get(webPort, "/web/paths").status() == 200);
    }

    @AfterAll
    void stop() throws IOException {
        karaf.close();
    }

    private static List<String> answers(int port, Function<WhiteboardCase, String> expected) throws IOException {
        List<String> others = new ArrayList<>();
        for (WhiteboardCase one : WhiteboardCase.all()) {
            String answer = one.ask(port);
            if (!expected.apply(one).equals(answer)) {
                others.add(one.name() + ": " + answer + " in place of " + expected.apply(one));
            }
        }
        return others;
    }

    @Test
    void poolAnswersAsTheSpecificationsSay() throws Exception {
        assertEquals("", String.join("\n", answers(karaf.httpPort(), WhiteboardCase::expected)));
    }

    @Test
    void paxWebAnswersAlikeButForKnownDifferences() throws Exception {
        assertEquals("", String.join("\n", answers(webPort, WhiteboardCase::inPaxWeb)));
    }

    @Test
    void guideNamesEachDifference() throws Exception {
        String guide = Files.readString(Path.of("..", "docs", "servlets.md"));
        for (WhiteboardCase one : WhiteboardCase.all()) {
            assertEquals(
                    !one.expected().equals(one.inPaxWeb()), guide.contains("\n| " + one.name() + " | "), one.name());
        }
    }
}
