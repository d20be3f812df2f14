package org.handoff.servlet.internal.session.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.Request;

/** The store in Karaf's process. Has a connection for each thread that asks at the same time. */
final class MemoryStore implements SessionStore {

    private static final String REMEDY =
            "keep less in it, or raise session.memory in Karaf's etc/org.handoff.sessions.cfg";

    private final Path socket;
    /** Those that nobody uses now; the latest used one is the first. */
    private final Deque<StoreConnection> idle = new ArrayDeque<>();

    private boolean closed;

    MemoryStore(Path socket) {
        this.socket = socket;
    }

    @Override
    public Optional<StoredSession> load(String id) {
        return ask(new Request.Load(id)) instanceof Answer.Session session
                ? Optional.of(new StoredSession(
                        session.created(), session.accessed(), session.maxInactive(), session.attributes()))
                : Optional.empty();
    }

    @Override
    public boolean save(String id, SessionChanges changes) {
        return isDone(
                ask(new Request.Save(id, changes.create(), changes.maxInactive(), changes.removed(), changes.set())));
    }

    @Override
    public boolean rename(String id, String newId) {
        return isDone(ask(new Request.Rename(id, newId)));
    }

    @Override
    public void delete(String id) {
        ask(new Request.Delete(id));
    }

    private static boolean isDone(Answer answer) {
        return answer instanceof Answer.Done;
    }

    /**
     * Asks once more, on a new connection, if the first one has ended: a store that was started anew has ended all, and
     * no question changes anything when it is asked again.
     */
    private Answer ask(Request request) {
        StoreConnection connection = takeIdle();
        if (connection != null && isTooLarge(request, connection)) {
            // The bound may have been raised since: a new connection hears of it.
            connection.close();
            closeIdle();
        } else if (connection != null) {
            try {
                return ask(connection, request);
            } catch (StoreSilentException e) {
                throw away(e);
            } catch (IOException e) {
                // All idle ones are as old or older.
                closeIdle();
            }
        }
        try {
            return ask(new StoreConnection(socket), request);
        } catch (IOException e) {
            throw away(e);
        }
    }

    private StoreAwayException away(IOException cause) {
        return new StoreAwayException(
                "the store of sessions at " + socket + " does not answer (" + cause.getMessage()
                        + "); it is in Karaf's bundle org.handoff.session.store",
                cause);
    }

    private Answer ask(StoreConnection connection, Request request) throws IOException {
        Answer answer;
        try {
            // Larger than the store reads: it would end the connection.
            answer = isTooLarge(request, connection) ? new Answer.TooLarge(bytes(request)) : connection.ask(request);
        } catch (IOException | RuntimeException | Error e) {
            connection.close();
            throw e;
        }
        giveBack(connection);
        if (answer instanceof Answer.TooLarge large) {
            throw new SessionTooLargeException(large.bytes(), connection.mostBytes(), REMEDY);
        }
        return answer;
    }

    private static boolean isTooLarge(Request request, StoreConnection connection) {
        return bytes(request) > connection.mostBytes();
    }

    private static long bytes(Request request) {
        return request instanceof Request.Save save ? Frames.bytes(save.set()) : 0;
    }

    private synchronized StoreConnection takeIdle() {
        return idle.pollFirst();
    }

    private synchronized void giveBack(StoreConnection connection) {
        if (closed) {
            connection.close();
        } else {
            idle.addFirst(connection);
        }
    }

    private synchronized void closeIdle() {
        idle.forEach(StoreConnection::close);
        idle.clear();
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeIdle();
    }
}
