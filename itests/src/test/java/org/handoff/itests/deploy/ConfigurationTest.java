package org.handoff.itests.deploy;

import static org.handoff.itests.deploy.VersionedHandler.assertOnly;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.handoff.itests.handlers.configured.Instance;
import org.handoff.itests.handlers.configured.Managed;
import org.handoff.itests.handlers.configured.Pair;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.PoolFiles;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Watched;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Workers have the configurations of what they run, as Karaf has them, and no others. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class ConfigurationTest {

    private static final String JAR = "configured.jar";
    private static final String PAIR = Pair.class.getName();
    private static final String ONE = Instance.PID + "-one";
    private static final String OTHER = Instance.PID + "-other";
    private static final String OF_ANOTHER = "org.handoff.test.another";
    private static final String SECRET = "the-secret-of-another";

    private final Karaf karaf;

    ConfigurationTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeAll
    void deploy() throws Exception {
        karaf.write(OF_ANOTHER + ".cfg", "password = " + SECRET + "\n");
        karaf.deploy(
                HandlerBundle.build("test.configured", Pair.class, Map.of("Bundle-Activator", Managed.class.getName())),
                JAR);
        awaitText(Pair.CONTEXT, "none none");
    }

    private void configure(String pid, String value) throws IOException {
        karaf.write(pid + ".cfg", "first = " + value + "\nsecond = " + value + "\n");
    }

    private void awaitText(String context, String text) {
        karaf.await(context + " to say " + text, () -> karaf.get(context).text().equals(text));
    }

    @AfterAll
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, Pair.CONTEXT);
        karaf.delete(Managed.PID + ".cfg", OTHER + ".cfg", OF_ANOTHER + ".cfg");
    }

    @Test
    void changesTakeEffectAsNewCodeDoes() throws Exception {
        try (Watched watched = new Watched(karaf.httpPort(), Pair.CONTEXT)) {
            for (String value : List.of("2", "3")) {
                configure(PAIR, value);
                awaitFor(watched, value + " " + value);
            }
            configure(PAIR, Pair.BAD);
            awaitContext(Pair.CONTEXT, "failed", "with the configuration " + PAIR, "no such value");
            awaitText(Pair.CONTEXT, "3 3");
            configure(PAIR, "4");
            awaitFor(watched, "4 4");
            awaitContext(Pair.CONTEXT, "serving");
            karaf.delete(PAIR + ".cfg");
            awaitFor(watched, "none none");
            assertOnly(watched, "2 2", "3 3", "4 4", "none none");
        }
    }

    private void awaitFor(Watched watched, String answer) {
        karaf.await(answer + " for the clients", () -> watched.answers().containsKey(answer));
    }

    private void awaitContext(String context, String... words) {
        karaf.await(
                context + " " + List.of(words),
                () -> karaf.shell("monitor:contexts")
                        .lines()
                        .anyMatch(line ->
                                line.startsWith(context) && Stream.of(words).allMatch(line::contains)));
    }

    @Test
    void componentWaitsForItsConfigurationAndHasAnInstanceForEach() throws Exception {
        awaitContext(Instance.CONTEXT, "waiting", "waits for the configuration " + Instance.PID);
        karaf.write(ONE + ".cfg", "words = a\nhandoff.context = /configured/one\n");
        karaf.write(OTHER + ".cfg", "words = b\nhandoff.context = /configured/other\n");
        awaitText("/configured/one", "/configured/one a");
        awaitText("/configured/other", "/configured/other b");
        karaf.delete(ONE + ".cfg");
        karaf.awaitStatus(404, "/configured/one");
        awaitText("/configured/other", "/configured/other b");
    }

    @Test
    void managedServiceHasItsConfigurationAndNobodyHasThoseOfOthers() throws Exception {
        // Karaf's variable, and one of its environment, which workers do not have.
        karaf.write(Managed.PID + ".cfg", "words = ${karaf.etc} and more of $[env:HOME]\n");
        awaitText(Managed.CONTEXT, karaf.file("etc") + " and more of " + System.getenv("HOME"));
        List<String> pids = List.of(karaf.get(Managed.PIDS).text().split(" "));
        assertTrue(pids.contains(Managed.PID), pids.toString());
        assertTrue(List.of(Managed.PID, PAIR, Instance.PID + "~other").containsAll(pids), pids.toString());
        boolean found = false;
        for (Map.Entry<Path, String> file :
                PoolFiles.of(karaf, VersionedHandler.POOL).entrySet()) {
            assertFalse(file.getValue().contains(SECRET), file.getKey().toString());
            if (file.getValue().contains(" and more")) {
                found = true;
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getKey())));
            }
        }
        assertTrue(found, "a file with the configuration");
        assertFalse(karaf.shell("monitor:contexts").contains(" and more"));
        assertFalse(String.join("", karaf.log()).contains("etc and more"));
    }

    @Test
    void workersOfAnotherUserHaveThemToo() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may start processes of other users");
        Workers workers = new Workers(karaf);
        workers.configure("user", "nobody");
        awaitText(Managed.PROPERTY + "user.name", "nobody");
        karaf.write(Managed.PID + ".cfg", "words = for nobody\n");
        awaitText(Managed.CONTEXT, "for nobody");
        workers.configure("user", "");
        awaitText(Managed.PROPERTY + "user.name", "root");
        karaf.delete(Managed.PID + ".cfg");
    }

    @Test
    void poolNamesFurtherOnesByAFilter() throws Exception {
        Workers workers = new Workers(karaf);
        workers.configure("configurations", "(service.pid=" + OF_ANOTHER + ")");
        karaf.await(
                "the configuration that the pool names",
                () -> karaf.get(Managed.PIDS).text().contains(OF_ANOTHER));
        workers.configure("configurations", "");
        karaf.await("it to be gone", () -> !karaf.get(Managed.PIDS).text().contains(OF_ANOTHER));
    }

    @Test
    void systemPropertiesAndVariablesAreThoseOfKarafAndOfThePool() throws Exception {
        Workers workers = new Workers(karaf);
        for (String name : List.of("etc", "home", "base", "data")) {
            Path place = karaf.file(List.of("home", "base").contains(name) ? "" : name);
            awaitText(Managed.PROPERTY + "karaf." + name, place.toString());
        }
        awaitText(Managed.VARIABLE + "PATH", System.getenv("PATH"));
        awaitText(Managed.VARIABLE + "JAVA_HOME", "null");
        workers.configure("property.test.greeting", "good day", "environment.TEST_GREETING", "good morning");
        awaitText(Managed.PROPERTY + "test.greeting", "good day");
        awaitText(Managed.VARIABLE + "TEST_GREETING", "good morning");
        karaf.write(
                Workers.CFG,
                karaf.read(Workers.CFG)
                        .lines()
                        .filter(line -> !line.startsWith("property.") && !line.startsWith("environment."))
                        .reduce("", (text, line) -> text + line + "\n"));
        awaitText(Managed.PROPERTY + "test.greeting", "null");
        awaitText(Managed.VARIABLE + "TEST_GREETING", "null");
    }
}
