package org.handoff.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.handoff.itests.karaf.Features;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the README and the guides have their readers copy and paste, done as it stands there. */
@ExtendWith(OurKaraf.class)
class ReadmeTest {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private final Karaf karaf;

    ReadmeTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void handlerOfTheReadmeIsBuiltAndServed() throws Exception {
        String script = block("README.md", 0)
                .replace("../greeting/", folder + "/greeting/")
                .replace(" target/run/deploy/", " " + karaf.file("deploy") + "/");
        try {
            assertEquals("Good day, 127.0.0.1\n", run(script).replaceAll("(?s).*(Good day)", "$1"));
        } finally {
            karaf.undeployAndAwait("greeting-1.0.jar", "/greeting");
        }
    }

    @Test
    void applicationOfTheGuideForHandlersIsBuiltAndServed() throws Exception {
        String script = block("docs/handlers.md", 0)
                .replace("../notes", folder + "/notes")
                .replace("/tmp/notes/", folder + "/database/")
                .replace(" target/run/deploy/", " " + karaf.file("deploy") + "/")
                .replace(" target/run/etc/", " " + karaf.file("etc") + "/");
        try {
            assertEquals(
                    "[\"tea\",\"bread\"]",
                    run(script).replaceAll("(?s).*(\\[\"tea)", "$1").strip());
        } finally {
            karaf.undeployAndAwait("notes-1.0.jar", "/notes");
            // The last worker that has it open deletes this file, behind all others.
            karaf.await("the end of the database's use", () -> !Files.exists(folder.resolve("database/db.lock.db")));
            karaf.delete("org.example.notes.cfg");
            try (Stream<Path> libraries = Files.list(folder.resolve("notes/target/dependency"))) {
                for (Path library : libraries.toList()) {
                    karaf.undeploy(library.getFileName().toString());
                }
            }
        }
    }

    @Test
    void workerOfTheGuideIsBuiltAndServed() throws Exception {
        String script = block("docs/native-workers.md", 0)
                .replace("../app", folder + "/app")
                .replace(" target/run/etc/", " " + karaf.file("etc") + "/");
        try {
            assertEquals("Hello from C\n", run(script).replaceAll("(?s).*(Hello from C)", "$1"));
        } finally {
            karaf.delete("org.handoff.pool-app.cfg");
            karaf.awaitStatus(404, "/app");
            karaf.await("the end of its workers", () -> karaf.workers().size() == 2);
        }
    }

    @Test
    void lineProtocolOfTheGuideIsServed() throws Exception {
        int port = Ports.free();
        String script = block("docs/native-workers.md", 1)
                .replace("127.0.0.1:7000", "127.0.0.1:" + port)
                .replace(" target/run/etc/", " " + karaf.file("etc") + "/");
        try {
            assertEquals("hello\n", run(script).replaceAll("(?s).*(hello)", "$1"));
        } finally {
            karaf.delete("org.handoff.pool-lines.cfg");
            karaf.await("the end of its workers", () -> karaf.workers().size() == 2);
        }
    }

    @Test
    void shopOfTheGuideIsServedByTheWebContainerAndThenByAPool() throws Exception {
        int port = Ports.free();
        Features.bring(karaf);
        karaf.write("org.ops4j.pax.web.cfg", "org.osgi.service.http.port = " + port + "\n");
        try {
            String products = "Welcome to the shop\nmug: Mug, 12.00 EUR\nspoon: Spoon, 3.25 EUR\ntea: Tea, 4.50 EUR\n";
            String inKaraf = run(shop(0).replace("localhost:8181", "localhost:" + port));
            assertTrue(inKaraf.endsWith(products), inKaraf);
            String inWorkers = run(shop(1));
            assertTrue(
                    inWorkers.endsWith(
                            products + "Tea\n4.50 EUR\nTea\nMug\n16.50 EUR\nAll prices are those of the day.\n"),
                    inWorkers);
            assertFalse(inWorkers.contains("Shop-Process: " + karaf.pid()), inWorkers);
            String resource = run(shop(2));
            assertTrue(resource.endsWith("{\"id\":\"tea\",\"name\":\"Tea\",\"price\":4.50}"), resource);
        } finally {
            karaf.shell("feature:uninstall -r handoff-servlet shop shop-rest");
            karaf.shell("feature:repo-remove mvn:org.handoff/shop-feature/" + System.getProperty("handoff.version")
                    + "/xml/features");
            karaf.delete(
                    "org.handoff.pool-shop.cfg",
                    "org.ops4j.pax.web.cfg",
                    "org.handoff.examples.shop.cfg",
                    "org.ops4j.datasource-shop.cfg");
            karaf.await("the end of its workers", () -> karaf.workers().size() == 2);
        }
    }

    private String shop(int index) throws Exception {
        return block("docs/shop.md", index)
                .replace("target/run/bin/client -b", karaf.file("bin/client") + " -b -u karaf -p karaf")
                .replace(" target/run/etc/", " " + karaf.file("etc") + "/")
                .replace("/tmp/cart", folder + "/cart");
    }

    /** @param index of the tested block in the page */
    private String block(String page, int index) throws Exception {
        Matcher block = Pattern.compile("<!-- tested by ReadmeTest -->\\s+```sh\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PROJECT.resolve(page)));
        for (int i = 0; i <= index; i++) {
            assertTrue(block.find(), "the block for this test in " + page);
        }
        return block.group(1).replace("localhost:8080", "localhost:" + karaf.httpPort());
    }

    /** Runs the script with what the reader has: a shell in the project's folder. Installs to a folder of its own. */
    private String run(String script) throws Exception {
        Path printed = folder.resolve("printed");
        ProcessBuilder builder = new ProcessBuilder("bash", "-e", "-c", script)
                .directory(PROJECT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        Map<String, String> environment = builder.environment();
        String repository =
                Path.of(System.getProperty("user.home"), ".m2", "repository").toString();
        environment.put(
                "MAVEN_ARGS",
                "-Dmaven.repo.local=" + folder.resolve("repository") + " -Dmaven.repo.local.tail=" + repository);
        Process shell = builder.start();
        try {
            assertTrue(shell.waitFor(5, TimeUnit.MINUTES), () -> "no end of the script");
            assertEquals(0, shell.exitValue(), () -> read(printed));
            return read(printed);
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
