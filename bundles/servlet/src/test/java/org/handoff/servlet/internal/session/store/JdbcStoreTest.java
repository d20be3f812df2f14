package org.handoff.servlet.internal.session.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions in H2, in the tables that docs/sessions.md shows. The integration tests have PostgreSQL. */
class JdbcStoreTest extends SessionStoreContract {

    private static final Path PAGE = Path.of("../../docs/sessions.md");

    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private int isolation = Connection.TRANSACTION_READ_COMMITTED;
    private boolean autoCommit = true;
    private volatile boolean isLeftAsItWas = true;
    private boolean hasTables;

    private final class H2 implements JdbcStore.Connections {

        @Override
        public Connection open() throws SQLException {
            if (failures.getAndDecrement() > 0) {
                throw new SQLException("no connection today");
            }
            failures.set(0);
            opened.incrementAndGet();
            Connection connection = DriverManager.getConnection(url);
            connection.setTransactionIsolation(isolation);
            connection.setAutoCommit(autoCommit);
            return closing(connection);
        }

        @Override
        public void close() {
            // The database stays.
        }

        @Override
        public String toString() {
            return "(dataSourceName=sessions)";
        }
    }

    /** Checks that the connection's next user has it as it was. */
    private Connection closing(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        isLeftAsItWas &= connection.getAutoCommit() == autoCommit
                                && connection.getTransactionIsolation() == isolation;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String statements() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("```sql\n") + "```sql\n".length();
        return page.substring(begin, page.indexOf("```", begin));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @BeforeEach
    void makeTables() throws Exception {
        if (!hasTables) {
            hasTables = true;
            execute(statements());
        }
    }

    @AfterEach
    void shutdown() throws SQLException {
        execute("SHUTDOWN");
    }

    @Override
    SessionStore connect(String pool) throws Exception {
        makeTables();
        return new JdbcStore(new H2(), pool);
    }

    private int rows(String table) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            count.next();
            return count.getInt(1);
        }
    }

    @Test
    void anyWorkerDeletesWhatHasEnded() throws Exception {
        one.save(ID, made(1, Map.of("a", bytes(1))));
        one.save("f" + ID.substring(1), made(0, Map.of("a", bytes(1))));
        Await.await("the end of one session", () -> {
            ((JdbcStore) other).clean();
            return rows("handoff_session") == 1;
        });
        assertEquals(1, rows("handoff_session_attribute"));
    }

    /** One transaction for all of them may not come to its end in time, the next time neither. */
    @Test
    void manyThatHaveEndedAreDeletedInParts() throws Exception {
        one.save(ID, made(0, Map.of("a", bytes(1))));
        execute("INSERT INTO handoff_session SELECT X, 1, 1, 1, 2 FROM SYSTEM_RANGE(1, 2500)");
        int before = opened.get();
        ((JdbcStore) other).clean();
        assertEquals(3, opened.get() - before);
        assertEquals(1, rows("handoff_session"));
    }

    @Test
    void dataSourceMayIsolateTransactionsMore() throws Exception {
        isolation = Connection.TRANSACTION_REPEATABLE_READ;
        changesAtTheSameTimeAreAllThere();
        assertTrue(isLeftAsItWas);
    }

    @Test
    void connectionsAreLeftAsTheyWere() throws Exception {
        autoCommit = false;
        one.save(ID, made(0, Map.of("a", bytes(1))));
        execute("ALTER TABLE handoff_session_attribute ADD CHECK name <> 'bad'");
        assertThrows(StoreAwayException.class, () -> one.save(ID, made(0, Map.of("bad", bytes(2)))));
        assertTrue(isLeftAsItWas);
    }

    @Test
    void databaseHasNoIdThatAnybodyCouldUse() throws Exception {
        one.save(ID, made(0, Map.of("a", bytes(1))));
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet all = statement.executeQuery("SCRIPT")) {
            while (all.next()) {
                assertFalse(all.getString(1).contains(ID), "the database has the id");
            }
        }
    }

    @Test
    void connectionThatHasEndedIsReplacedOnce() {
        one.save(ID, made(0, Map.of("a", bytes(1))));
        failures.set(1);
        assertArrayEquals(bytes(1), one.load(ID).orElseThrow().attributes().get("a"));
        failures.set(2);
        StoreAwayException away = assertThrows(StoreAwayException.class, () -> one.load(ID));
        assertEquals(503, away.status());
        assertTrue(away.getMessage().contains("(dataSourceName=sessions), fails (no connection today)"));
        assertTrue(one.load(ID).isPresent());
    }

    @Test
    void failureInTheMiddleOfAChangeLeavesTheSessionAsItWas() throws Exception {
        one.save(ID, made(0, Map.of("a", bytes(1))));
        execute("ALTER TABLE handoff_session_attribute ADD CHECK name <> 'bad'");
        assertThrows(StoreAwayException.class, () -> one.save(ID, made(0, Map.of("a", bytes(2), "bad", bytes(2)))));
        Map<String, byte[]> attributes = other.load(ID).orElseThrow().attributes();
        assertArrayEquals(bytes(1), attributes.get("a"));
        assertEquals(1, attributes.size());
    }
}
