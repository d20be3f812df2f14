package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.handoff.itests.handlers.specified.SpecifiedActivator;
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
        karaf.install("http-whiteboard handoff-servlet");
        karaf.write("org.handoff.pool-web.cfg", "servlets = (bundle=test.web)\nworkers = 1\n");
        karaf.deploy(
                HandlerBundle.build(
                        "test.web", CodeActivator.class, Map.of("Bundle-Activator", CodeActivator.class.getName())),
                "web.jar");
        karaf.write("org.handoff.pool-specified.cfg", "servlets = (bundle=test.specified)\nworkers = 1\n");
        karaf.deploy(
                HandlerBundle.build(
                        "test.specified",
                        SpecifiedActivator.class,
                        Map.of("Bundle-Activator", SpecifiedActivator.class.getName())),
                "specified.jar");
        karaf.awaitStatus(200, "/web/paths");
        karaf.awaitStatus(200, "/specified/patterns/a");
        karaf.await("Pax Web", () -> Http.get(webPort, "/web/paths").status() == 200);
        karaf.await("Pax Web", () -> Http.get(webPort, "/specified/patterns/a").status() == 200);
    }

    @AfterAll
    void stop() throws IOException {
        karaf.close();
    }

    private static String answers(int port, List<WhiteboardCase> all, Function<WhiteboardCase, String> expected)
            throws IOException {
        List<String> others = new ArrayList<>();
        for (WhiteboardCase one : all) {
            String answer = one.ask(port);
            if (!expected.apply(one).equals(answer)) {
                others.add(one.name() + ": " + answer + " in place of " + expected.apply(one));
            }
        }
        return String.join("\n", others);
    }

    @Test
    void poolAnswersAsTheSpecificationsSay() throws Exception {
        assertEquals("", answers(karaf.httpPort(), ServletCases.all(), WhiteboardCase::inPool));
    }

    @Test
    void poolAnswersAsTheWhiteboardIsSpecified() throws Exception {
        assertEquals("", answers(karaf.httpPort(), SpecifiedCases.all(), WhiteboardCase::inPool));
    }

    @Test
    void paxWebAnswersAlikeButForKnownDifferences() throws Exception {
        assertEquals("", answers(webPort, ServletCases.all(), WhiteboardCase::inPaxWeb));
    }

    @Test
    void paxWebAnswersTheWhiteboardsQuestionsAlikeButForKnownDifferences() throws Exception {
        assertEquals("", answers(webPort, SpecifiedCases.all(), WhiteboardCase::inPaxWeb));
    }

    @Test
    void guideHasEachDifference() throws Exception {
        List<String> rows = Stream.concat(ServletCases.all().stream(), SpecifiedCases.all().stream())
                .filter(WhiteboardCase::isDifferent)
                .map(WhiteboardCase::row)
                .toList();
        Matcher table = Pattern.compile("\\| question \\| specified \\|.*\n\\|---.*\n((\\|.*\n)+)")
                .matcher(Files.readString(Path.of("..", "docs", "servlets.md")));
        assertTrue(table.find());
        assertEquals(String.join("\n", rows), table.group(1).strip());
    }

    @Test
    void listNamesEachQuestion() throws Exception {
        List<String> known = Stream.concat(ServletCases.all().stream(), SpecifiedCases.all().stream())
                .map(WhiteboardCase::name)
                .toList();
        List<String> named = Files.readAllLines(Path.of("..", "docs", "whiteboard-tests.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| ", 2)[1].replaceFirst(" \\|$", "").replaceFirst(" \\([^)]*\\)$", ""))
                .filter(cell -> !cell.startsWith("\u2014"))
                .flatMap(cell -> Arrays.stream(cell.split("; ")))
                .toList();
        assertEquals(
                List.of(), named.stream().filter(one -> !known.contains(one)).toList());
        assertEquals(
                List.of(),
                SpecifiedCases.all().stream()
                        .map(WhiteboardCase::name)
                        .filter(one -> !named.contains(one))
                        .toList());
    }

    @Test
    void sessionsOfServletContextsAreApart() throws Exception {
        for (int port : new int[] {karaf.httpPort(), webPort}) {
            HttpClient client =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            URI at = URI.create("http://localhost:" + port + "/specified/");
            List<String> answers = new ArrayList<>();
            for (String target : List.of(
                    "context/session?set=a",
                    "context-other/session",
                    "context-other/session?set=b",
                    "context/session",
                    "context/session?end",
                    "context-other/session")) {
                answers.add(
                        client.send(HttpRequest.newBuilder(at.resolve(target)).build(), BodyHandlers.ofString())
                                .body());
            }
            assertEquals(List.of("a", "none", "b", "a", "none", "b"), answers, "at port " + port);
        }
    }
}
