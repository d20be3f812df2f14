package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

import org.handoff.itests.handlers.brought.Brought;
import org.handoff.itests.handlers.database.Visits;
import org.handoff.itests.karaf.Features;
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
    /** A bundle that no handler needs. */
    private static final String OF_KARAF = "org.apache.felix.converter";

    private static final String SECRET = "the password of another application";

    private static final String BROUGHT = "org.handoff.pool-brought.cfg";

    private final Karaf karaf;
    private final Features features;
    private Postgres postgres;

    DatabaseTest(Karaf karaf) {
        this.karaf = karaf;
        this.features = new Features(
                karaf,
                "mvn:org.ops4j.pax.jdbc/pax-jdbc-features/" + System.getProperty("pax.jdbc.version") + "/xml/features",
                "pax-jdbc pax-jdbc-config pax-jdbc-h2 pax-jdbc-postgresql pax-jdbc-pool-dbcp2");
    }

    @BeforeAll
    void install() throws Exception {
        postgres = new Postgres();
        features.install();
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

    @AfterAll
    void uninstall() throws Exception {
        if (postgres == null) {
            // Nothing has been installed.
            return;
        }
        try {
            karaf.undeployAndAwait(JAR, "/database/h2");
            karaf.delete(CONFIGURATION + "h2.cfg", CONFIGURATION + "another.cfg", CONFIGURATION + "postgresql.cfg");
            features.uninstall();
        } finally {
            postgres.close();
        }
    }

    @Test
    void workersShareTablesOfH2() {
        awaitBothWorkers("/database/h2");
    }

    @Test
    void workersShareTablesOfAFactoryOfDataSources() {
        awaitBothWorkers("/database/factory");
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
        assertEquals(0, files(VersionedHandler.POOL, SECRET));
        assertEquals(1, files(VersionedHandler.POOL, Postgres.PASSWORD), "files with the handler's password");
        assertNowhere("default");
    }

    @Test
    void featureBringsNoConfigurationOfAFactory() throws Exception {
        String pool = "kind = java\nworkers = 1\nfeatures = pax-jdbc-config\n";
        karaf.write(BROUGHT, pool);
        try {
            karaf.deploy(HandlerBundle.build("test.brought", Brought.class), "brought.jar");
            karaf.await(
                    "the bundle of the feature",
                    () -> karaf.get("/brought?org.ops4j.pax.jdbc.config").text().equals("true"));
            assertEquals(0, files("brought", SECRET));
            assertEquals(0, files("brought", Postgres.PASSWORD));
            assertNowhere("brought");
            karaf.write(BROUGHT, pool + "configurations = (dataSourceName=another)\n");
            karaf.await("the configuration that the pool names", () -> files("brought", SECRET) == 1);
            assertEquals(0, files("brought", Postgres.PASSWORD));
            assertNowhere("brought");
        } finally {
            karaf.undeployAndAwait("brought.jar", "/brought");
            karaf.delete(BROUGHT);
            karaf.await("the end of its worker", () -> karaf.workers().size() == 2);
        }
    }

    /** How many files of a pool have a text. */
    private long files(String pool, String text) throws IOException {
        return PoolFiles.of(karaf, pool).values().stream()
                .filter(content -> content.contains(text))
                .count();
    }

    /** No log and no output of a command has a password. */
    private void assertNowhere(String pool) throws IOException {
        StringBuilder printed = new StringBuilder(String.join("\n", karaf.log()));
        for (String command : List.of(
                "monitor:contexts", "worker:info ", "worker:bundles ", "worker:components ", "worker:services ")) {
            printed.append(karaf.shell(command.endsWith(" ") ? command + pool : command));
        }
        for (String password : List.of(SECRET, Postgres.PASSWORD)) {
            assertFalse(printed.toString().contains(password), password);
        }
    }
}
