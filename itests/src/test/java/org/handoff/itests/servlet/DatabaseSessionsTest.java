package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.handoff.itests.handlers.counting.CountServlet;
import org.handoff.itests.handlers.database.Visits;
import org.handoff.itests.karaf.Features;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Postgres;
import org.handoff.itests.karaf.Table;
import org.junit.jupiter.api.Test;

/** Sessions of servlets in databases stay whatever happens to workers and to Karaf, which is one of the test's own. */
class DatabaseSessionsTest {

    private static final String CONFIGURATION = "org.ops4j.datasource-";
    private static final String POOL = "org.handoff.pool-counting.cfg";
    private static final String CONTEXT = "/count";
    private static final Path PAGE = Path.of("../docs/sessions.md");

    @Test
    void noCountIsLostInH2AndPostgresql() throws Exception {
        try (Postgres postgres = new Postgres();
                Karaf karaf = OurKaraf.startAnother("database-sessions")) {
            install(karaf, postgres);
            for (String database : List.of("h2", "postgresql")) {
                makeTables(karaf, "/database/" + database);
                karaf.write(
                        POOL,
                        "servlets = (bundle=test.counting)\nworkers = 2\nsettle.time = 1\nsessions = jdbc:(dataSourceName="
                                + database + ")\n");
                karaf.deploy(HandlerBundle.build("test.counting", CountServlet.class), "counting.jar");
                karaf.awaitStatus(200, CONTEXT);
                assertCountsStay(karaf, database);
                karaf.undeployAndAwait("counting.jar", CONTEXT);
            }
        }
    }

    private static void install(Karaf karaf, Postgres postgres) throws Exception {
        new Features(
                        karaf,
                        "mvn:org.ops4j.pax.jdbc/pax-jdbc-features/" + System.getProperty("pax.jdbc.version")
                                + "/xml/features",
                        "pax-jdbc pax-jdbc-config pax-jdbc-h2 pax-jdbc-postgresql pax-jdbc-pool-dbcp2")
                .install();
        karaf.install("handoff-servlet");
        karaf.write(
                CONFIGURATION + "h2.cfg",
                "osgi.jdbc.driver.name = H2 JDBC Driver\ndataSourceName = h2\nurl = jdbc:h2:"
                        + karaf.file("data/h2/sessions") + ";AUTO_SERVER=TRUE\n");
        karaf.write(
                CONFIGURATION + "postgresql.cfg",
                "osgi.jdbc.driver.name = PostgreSQL JDBC Driver\ndataSourceName = postgresql\npool = dbcp2\n"
                        + "jdbc.pool.maxTotal = 2\nurl = jdbc:postgresql://127.0.0.1:" + postgres.port()
                        + "/postgres\nuser = " + Postgres.USER + "\npassword = " + Postgres.PASSWORD + "\n");
        karaf.deploy(HandlerBundle.build("test.database", Visits.class), "database.jar");
    }

    /** By the statements of the page. */
    private static void makeTables(Karaf karaf, String context) throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("```sql\n") + "```sql\n".length();
        String statements = page.substring(begin, page.indexOf("```", begin));
        karaf.awaitStatus(200, context);
        try (Http http = new Http(karaf.httpPort())) {
            http.send("POST " + context + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                    + statements.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + statements);
            assertEquals(200, http.answer().status());
        }
    }

    private static void assertCountsStay(Karaf karaf, String database) throws Exception {
        CountingClient client = new CountingClient(karaf.httpPort(), CONTEXT);
        try (client) {
            awaitCounts(karaf, client);
            karaf.shell("worker:recycle counting");
            karaf.await("two other workers", () -> client.processes().size() >= 3 && isRight(client));
            awaitCounts(karaf, client);
            karaf.shell("worker:kill " + worker(karaf));
            awaitCounts(karaf, client);
            assertTrue(client.unanswered() <= 1, client.unanswered() + " requests without an answer");
        }
        assertTrue(isRight(client));
        karaf.restart();
        karaf.awaitStatus(200, CONTEXT);
        try (Http http = new Http(karaf.httpPort())) {
            http.send("GET " + CONTEXT + " HTTP/1.1\r\nHost: h\r\nCookie: " + client.session() + "\r\n\r\n");
            String[] words = http.answer().text().split(" ");
            assertEquals(
                    List.of(words[0], words[0]), List.of(words[1], Integer.toString(client.count() + 1)), database);
        }
    }

    private static void awaitCounts(Karaf karaf, CountingClient client) {
        int before = client.count();
        karaf.await("the client to count on", () -> isRight(client) && client.count() >= before + 20);
    }

    private static boolean isRight(CountingClient client) {
        assertEquals("", client.problem());
        return true;
    }

    /** The id of one worker. */
    private static String worker(Karaf karaf) throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row ->
                        row.get("pool").equals("counting") && row.get("state").equals("on"))
                .findFirst()
                .map(row -> row.get("id"))
                .orElseThrow();
    }
}
