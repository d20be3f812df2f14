package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.handoff.itests.handlers.database.Visits;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.PoolFiles;
import org.handoff.itests.karaf.Postgres;
import org.handoff.itests.karaf.Workers;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Handlers with databases by Karaf's usual means: Pax JDBC, and a configuration for each. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class DatabaseTest {

    private static final String JAR = "database.jar";
    private static final String CONFIGURATION = "org.ops4j.datasource-";
    private static final String REPOSITORY =
            "mvn:org.ops4j.pax.jdbc/pax-jdbc-features/" + System.getProperty("pax.jdbc.version") + "/xml/features";
    private static final String FEATURES =
            "pax-jdbc pax-jdbc-config pax-jdbc-h2 pax-jdbc-postgresql pax-jdbc-pool-dbcp2";
    /** A bundle that no handler needs. */
    private static final String OF_KARAF = "org.apache.felix.converter";

    private static final String SECRET = "the password of another application";

    private final Karaf karaf;
    private Postgres postgres;

    DatabaseTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeAll
    void install() throws Exception {
        postgres = new Postgres();
        copy(Karaf.UNDER_TEST.resolve("repository"), karaf.file("system"));
        shell("feature:repo-add " + REPOSITORY);
        shell("feature:install -r " + FEATURES);
        karaf.write(
                CONFIGURATION + "h2.cfg",
                "osgi.jdbc.driver.name = H2 JDBC Driver\ndataSourceName = h2\nurl = jdbc:h2:"
                        + karaf.file("data/h2/visits") + ";AUTO_SERVER=TRUE\n");
        karaf.write(
                CONFIGURATION + "another.cfg",
                "osgi.jdbc.driver.name = H2 JDBC Driver\ndataSourceName = another\nurl = jdbc:h2:mem:another\npassword = "
                        + SECRET + "\n");
        karaf.write(
                CONFIGURATION + "postgresql.cfg",
                "osgi.jdbc.driver.name = PostgreSQL JDBC Driver\ndataSourceName = postgresql\npool = dbcp2\n"
                        + "jdbc.pool.maxTotal = 1\nurl = jdbc:postgresql://127.0.0.1:" + postgres.port()
                        + "/postgres\nuser = " + Postgres.USER + "\npassword = " + Postgres.PASSWORD + "\n");
        karaf.deploy(HandlerBundle.build("test.database", Visits.class), JAR);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
    }

    private void shell(String command) throws IOException {
        String printed = karaf.shell(command);
        assertFalse(printed.contains("Error"), printed);
    }

    @AfterAll
    void uninstall() throws Exception {
        if (postgres == null) {
            // Nothing has been installed.
            return;
        }
        try {
            karaf.undeployAndAwait(JAR, "/database/h2");
            karaf.delete(CONFIGURATION + "h2.cfg", CONFIGURATION + "another.cfg", CONFIGURATION + "postgresql.cfg");
            shell("feature:uninstall -r " + FEATURES);
            shell("feature:repo-remove " + REPOSITORY);
        } finally {
            postgres.close();
        }
    }

    @Test
    void workersShareTablesOfH2() {
        awaitBothWorkers("/database/h2");
    }

    @Test
    void workersShareTablesOfPostgresqlAndEachHasAPoolOfItsOwn() {
        Map<String, String> sessions = awaitBothWorkers("/database/postgresql");
        assertEquals(sessions.size(), sessions.values().stream().distinct().count(), sessions.toString());
    }

    /** Waits until two workers have noted themselves in one table; their sessions, by process. */
    private Map<String, String> awaitBothWorkers(String context) {
        Map<String, String> sessions = new TreeMap<>();
        AtomicReference<String> last = new AtomicReference<>("");
        Await.await(
                "two workers in one table for " + context,
                () -> {
                    Http.Answer answer = karaf.get(context);
                    last.set(answer.text());
                    if (answer.status() != 200) {
                        return false;
                    }
                    String[] words = last.get().split(" ");
                    sessions.put(words[0], words[1]);
                    return sessions.size() > 1 && Integer.parseInt(words[2]) > 1;
                },
                () -> sessions + " " + last);
        return sessions;
    }

    @Test
    void featuresAndBundlesOfThePoolComeAlong() throws Exception {
        Workers workers = new Workers(karaf);
        karaf.awaitStatus(200, "/database/h2");
        try {
            workers.configure("features", "no-such-feature");
            karaf.awaitPrinted("monitor:contexts", "the installed feature no-such-feature");
            assertEquals(200, karaf.get("/database/h2").status());
            workers.configure("features", "pax-jdbc", "bundles", OF_KARAF);
            for (String bundle : List.of("org.ops4j.pax.jdbc", OF_KARAF)) {
                karaf.await(
                        bundle, () -> karaf.get("/database/h2?" + bundle).text().equals("true"));
            }
        } finally {
            workers.configure("features", "", "bundles", "");
        }
    }

    @Test
    void passwordsOfOtherDataSourcesStayInKaraf() throws Exception {
        karaf.awaitStatus(200, "/database/postgresql");
        int own = 0;
        for (Map.Entry<Path, String> file :
                PoolFiles.of(karaf, VersionedHandler.POOL).entrySet()) {
            assertFalse(file.getValue().contains(SECRET), file.getKey().toString());
            own += file.getValue().contains(Postgres.PASSWORD) ? 1 : 0;
        }
        assertEquals(1, own, "files with the handler's password");
    }
}
