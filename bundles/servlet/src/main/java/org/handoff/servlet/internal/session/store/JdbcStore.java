package org.handoff.servlet.internal.session.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.handoff.session.protocol.Frames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions in a database, in the two tables of docs/sessions.md. Each change is a transaction, which begins with the
 * session's row: so changes of one session by several workers come one after the other. A session's key there is a
 * digest of its id, so that nobody who reads the database can use the sessions of others.
 */
final class JdbcStore implements SessionStore {

    private static final Logger LOG = LoggerFactory.getLogger(JdbcStore.class);

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final long MOST_BYTES = 16 << 20;
    private static final int CLEAN_SECONDS = 60;
    /** Sessions that are deleted in a transaction, with their attributes: far fewer than its time is enough for. */
    private static final int CLEAN_AT_ONCE = 1000;

    private static final String LOAD = "SELECT s.created, s.accessed, s.max_inactive, a.name, a.content"
            + " FROM handoff_session s LEFT JOIN handoff_session_attribute a ON a.id = s.id"
            + " WHERE s.id = ? AND s.ends > ?";
    private static final String TOUCH = "UPDATE handoff_session SET accessed = ?, ends = CASE WHEN max_inactive > 0"
            + " THEN ? + max_inactive * CAST(1000 AS BIGINT) ELSE ends END WHERE id = ? AND ends > ?";
    private static final String CHANGE =
            "UPDATE handoff_session SET accessed = ?, max_inactive = ?, ends = ? WHERE id = ? AND ends > ?";
    private static final String CREATE =
            "INSERT INTO handoff_session (accessed, max_inactive, ends, id, created) VALUES (?, ?, ?, ?, ?)";
    private static final String RENAME = "UPDATE handoff_session SET id = ? WHERE id = ? AND ends > ?";
    private static final String EXISTS = "SELECT 1 FROM handoff_session WHERE id = ? AND ends > ?";
    private static final String DELETE = "DELETE FROM handoff_session WHERE id = ?";
    private static final String CLEAN = "DELETE FROM handoff_session WHERE ends <= ? AND id IN"
            + " (SELECT id FROM handoff_session WHERE ends <= ? FETCH FIRST " + CLEAN_AT_ONCE + " ROWS ONLY)";
    private static final String REMOVE = "DELETE FROM handoff_session_attribute WHERE id = ? AND name = ?";
    private static final String REPLACE = "UPDATE handoff_session_attribute SET content = ? WHERE id = ? AND name = ?";
    private static final String SIZE = "SELECT SUM(" + Frames.OF_ATTRIBUTE
            + " + OCTET_LENGTH(name) + OCTET_LENGTH(content))" + " FROM handoff_session_attribute WHERE id = ?";
    private static final String ADD = "INSERT INTO handoff_session_attribute (content, id, name) VALUES (?, ?, ?)";

    private final Connections connections;
    private final String pool;
    private final ScheduledExecutorService cleaner;

    /** Where connections come from. */
    interface Connections {

        /** A connection, which the taker closes. */
        Connection open() throws SQLException;

        void close();
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    private interface Work<T> {

        T with(Connection connection) throws SQLException;
    }

    /** @param pool its sessions are its own, even if another one has the same database */
    JdbcStore(Connections connections, String pool) {
        this.connections = connections;
        this.pool = pool;
        cleaner = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "handoff-sessions-cleaner");
            thread.setDaemon(true);
            return thread;
        });
        // Workers that start together need not clean together.
        int first = ThreadLocalRandom.current().nextInt(CLEAN_SECONDS);
        cleaner.scheduleWithFixedDelay(this::clean, first, CLEAN_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public Optional<StoredSession> load(String id) {
        String key = key(id);
        return transaction(connection -> {
            long now = System.currentTimeMillis();
            StoredSession session = null;
            try (PreparedStatement load = connection.prepareStatement(LOAD)) {
                load.setString(1, key);
                load.setLong(2, now);
                try (ResultSet rows = load.executeQuery()) {
                    session = read(rows);
                }
            }
            return session != null && touch(connection, key, now) ? Optional.of(session) : Optional.empty();
        });
    }

    /** @return null for none */
    private static StoredSession read(ResultSet rows) throws SQLException {
        StoredSession session = null;
        long bytes = Frames.OF_SESSION;
        while (rows.next()) {
            if (session == null) {
                session = new StoredSession(rows.getLong(1), rows.getLong(2), rows.getInt(3), new HashMap<>());
            }
            String name = rows.getString(4);
            if (name != null) {
                byte[] content = rows.getBytes(5);
                bytes += Frames.bytes(name, content);
                checkSize(bytes);
                session.attributes().put(name, content);
            }
        }
        return session;
    }

    private static void checkSize(long bytes) {
        if (bytes > MOST_BYTES) {
            throw new SessionTooLargeException(bytes, MOST_BYTES, "keep less in it");
        }
    }

    private static boolean touch(Connection connection, String key, long now) throws SQLException {
        return update(connection, TOUCH, now, now, key, now) > 0;
    }

    @Override
    public boolean save(String id, SessionChanges changes) {
        checkSize(Frames.bytes(changes.set()));
        String key = key(id);
        return transaction(connection -> {
            long now = System.currentTimeMillis();
            long ends =
                    changes.maxInactive() > 0 ? now + TimeUnit.SECONDS.toMillis(changes.maxInactive()) : Long.MAX_VALUE;
            if (update(connection, CHANGE, now, changes.maxInactive(), ends, key, now) == 0) {
                if (!changes.create()) {
                    return false;
                }
                update(connection, CREATE, now, changes.maxInactive(), ends, key, now);
            }
            for (String name : changes.removed()) {
                update(connection, REMOVE, key, name);
            }
            for (Map.Entry<String, byte[]> one : changes.set().entrySet()) {
                // The locked row of the session keeps others from adding it meanwhile.
                if (update(connection, REPLACE, one.getValue(), key, one.getKey()) == 0) {
                    update(connection, ADD, one.getValue(), key, one.getKey());
                }
            }
            if (!changes.set().isEmpty()) {
                checkSize(size(connection, key));
            }
            return true;
        });
    }

    private static long size(Connection connection, String key) throws SQLException {
        try (PreparedStatement size = connection.prepareStatement(SIZE)) {
            size.setString(1, key);
            try (ResultSet row = size.executeQuery()) {
                row.next();
                return Frames.OF_SESSION + row.getLong(1);
            }
        }
    }

    @Override
    public boolean rename(String id, String newId) {
        String key = key(id);
        String newKey = key(newId);
        return transaction(connection -> {
            long now = System.currentTimeMillis();
            return update(connection, RENAME, newKey, key, now) > 0 || exists(connection, newKey, now);
        });
    }

    /** It may have been renamed before, if the answer was lost. */
    private static boolean exists(Connection connection, String key, long now) throws SQLException {
        try (PreparedStatement exists = connection.prepareStatement(EXISTS)) {
            exists.setString(1, key);
            exists.setLong(2, now);
            try (ResultSet rows = exists.executeQuery()) {
                return rows.next();
            }
        }
    }

    @Override
    public void delete(String id) {
        String key = key(id);
        transaction(connection -> update(connection, DELETE, key));
    }

    /** Deletes sessions that have ended; each worker does so now and then. */
    void clean() {
        long now = System.currentTimeMillis();
        try {
            int deleted = CLEAN_AT_ONCE;
            while (deleted == CLEAN_AT_ONCE) {
                deleted = transaction(connection -> update(connection, CLEAN, now, now));
            }
        } catch (StoreAwayException e) {
            LOG.warn("Sessions that have ended stay in the database: {}", e.getMessage());
        }
    }

    private static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    /**
     * Tries twice: a connection may have ended since it was used last, a deadlock chooses one of those in it, and a
     * {@code DataSource} may isolate transactions so much that none succeeds after another one's change.
     */
    private <T> T transaction(Work<T> work) {
        try {
            return once(work);
        } catch (SQLException e) {
            LOG.debug("once more", e);
        }
        try (Connection connection = connections.open()) {
            int isolation = connection.getTransactionIsolation();
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            try {
                return once(work, connection);
            } finally {
                connection.setTransactionIsolation(isolation);
            }
        } catch (SQLException e) {
            throw new StoreAwayException(
                    "the database of sessions, " + connections + ", fails (" + e.getMessage()
                            + "); docs/sessions.md says what it needs",
                    e);
        }
    }

    private <T> T once(Work<T> work) throws SQLException {
        try (Connection connection = connections.open()) {
            return once(work, connection);
        }
    }

    /** Leaves the connection as it was: it may belong to the pool of the application's own connections. */
    private static <T> T once(Work<T> work, Connection connection) throws SQLException {
        int timeout = connection.getNetworkTimeout();
        boolean autoCommit = connection.getAutoCommit();
        connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
        connection.setAutoCommit(false);
        try {
            T result = work.with(connection);
            connection.commit();
            giveBack(connection, timeout, autoCommit);
            return result;
        } catch (SQLException | RuntimeException e) {
            try {
                connection.rollback();
                giveBack(connection, timeout, autoCommit);
            } catch (SQLException broken) {
                e.addSuppressed(broken);
            }
            throw e;
        }
    }

    private static void giveBack(Connection connection, int timeout, boolean autoCommit) throws SQLException {
        connection.setAutoCommit(autoCommit);
        connection.setNetworkTimeout(Runnable::run, timeout);
    }

    private String key(String id) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((pool + '\n' + id).getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has it", e);
        }
    }

    @Override
    public void close() {
        cleaner.shutdownNow();
        connections.close();
    }
}
