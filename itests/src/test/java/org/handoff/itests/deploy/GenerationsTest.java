package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.itests.handlers.dependent.Dependent;
import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.handlers.library.Words;
import org.handoff.itests.handlers.nested.Nested;
import org.handoff.itests.handlers.provider.EnglishWords;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Shell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OurKaraf.class)
class GenerationsTest {

    private static final String SECOND = "org.handoff.pool-second.cfg";
    private static final String MISSING_IN_WORKERS = "org.apache.karaf.info";

    private final Karaf karaf;

    GenerationsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void whatAHandlerNeedsComesAlong() throws Exception {
        Path library = HandlerBundle.build("test.library", Words.class, "Export-Package", Words.class.getPackageName());
        Path provider = HandlerBundle.build("test.provider", EnglishWords.class);
        Path dependent = HandlerBundle.build("test.dependent", Dependent.class);
        try {
            karaf.deploy(library, "library.jar");
            karaf.deploy(provider, "provider.jar");
            karaf.deployAndAwait(dependent, "dependent.jar", "/dependent");
            String answer = karaf.get("/dependent").text();
            assertEquals("Good day from ", answer.replaceAll("\\d+$", ""));
            assertNotEquals(Long.toString(karaf.pid()), answer.replaceAll("\\D", ""));
        } finally {
            karaf.undeployAndAwait("dependent.jar", "/dependent");
            karaf.undeploy("provider.jar");
            karaf.undeploy("library.jar");
        }
    }

    @Test
    void codeThatDoesNotStartNeverReplacesCodeThatDoes() throws Exception {
        Path good = HandlerBundle.build("test.update", Echo.class);
        Path copy = Files.copy(good, Karaf.FOLDER.resolve("good.jar"));
        try {
            karaf.deployAndAwait(copy, "update.jar", "/echo");
            Path bad = HandlerBundle.build("test.update", Echo.class, "Import-Package", MISSING_IN_WORKERS + ",*");
            karaf.deploy(bad, "update.jar");
            karaf.await("the missing package in monitor:contexts", () -> {
                assertEquals(200, karaf.get("/echo").status(), "while the new code is tried");
                return contexts().contains(MISSING_IN_WORKERS);
            });
            assertEquals("test.update", karaf.get("/echo").text());

            karaf.deploy(copy, "update.jar");
            karaf.await("the problem to be gone", () -> {
                assertEquals(200, karaf.get("/echo").status(), "while the next code is tried");
                return !contexts().contains(MISSING_IN_WORKERS);
            });
        } finally {
            Files.delete(copy);
            karaf.undeployAndAwait("update.jar", "/echo");
        }
    }

    @Test
    void keptConnectionReachesTheContextOfAnotherPool() throws Exception {
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        Path nested = HandlerBundle.build("test.nested", Nested.class);
        try {
            karaf.write(SECOND, "workers = 1\n");
            karaf.deployAndAwait(echo, "echo.jar", "/echo");
            try (Http http = new Http(karaf.httpPort())) {
                assertEquals("test.echo", get(http, "/echo"));
                karaf.deploy(nested, "nested.jar");
                karaf.await(
                        "the context in the pool \"second\"", () -> contexts().contains("pool second"));
                assertEquals("nested", get(http, "/echo/nested"));
                assertEquals("test.echo", get(http, "/echo/nest"));
                assertEquals("nested", get(http, "/echo/nested/below"));
            }
        } finally {
            karaf.undeploy("nested.jar");
            karaf.undeployAndAwait("echo.jar", "/echo");
            karaf.delete(SECOND);
            karaf.await(
                    "the pool \"second\" to be gone",
                    () -> !karaf.shell("worker:list").contains("second"));
        }
    }

    @Test
    void rollTellsWhatServesAndFailsWhereTheNewGenerationDoesNot() throws Exception {
        Path nested = HandlerBundle.build("test.nested", Nested.class);
        try {
            karaf.write(SECOND, "workers = 1\njava.options = -Xno-such-option\ncrash.limit = 1/60\n");
            karaf.deploy(nested, "nested.jar");
            karaf.await("the pool \"second\"", () -> contexts().contains("pool second"));
            Shell.Result failed = karaf.execute("worker:roll second");
            assertTrue(failed.printed().contains("pool second: "), failed.printed());
            assertNotEquals(0, failed.status(), failed.printed());

            karaf.write(SECOND, "workers = 1\n");
            karaf.awaitStatus(200, "/echo/nested");
            Shell.Result rolled = karaf.execute("worker:roll second");
            assertTrue(rolled.printed().strip().matches("pool second: generation \\d+.* serves"), rolled.printed());
            assertEquals(0, rolled.status(), rolled.printed());
        } finally {
            karaf.undeployAndAwait("nested.jar", "/echo/nested");
            karaf.delete(SECOND);
            karaf.await(
                    "the pool \"second\" to be gone",
                    () -> !karaf.shell("worker:list").contains("second"));
        }
    }

    private static String get(Http http, String target) throws Exception {
        http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Http.Answer answer = http.receive();
        assertEquals(200, answer.status(), target);
        return answer.text();
    }

    private String contexts() throws Exception {
        return karaf.shell("monitor:contexts");
    }
}
