package org.handoff.servlet.internal.session.store;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A store in this process, for the tests of those who use one. */
public final class MapStore implements SessionStore {

    public final Map<String, StoredSession> sessions = new HashMap<>();
    public SessionChanges last;
    int most = Integer.MAX_VALUE;

    @Override
    public synchronized Optional<StoredSession> load(String id) {
        return Optional.ofNullable(sessions.get(id))
                .map(one -> new StoredSession(
                        one.created(), one.accessed(), one.maxInactive(), new HashMap<>(one.attributes())));
    }

    @Override
    public synchronized boolean save(String id, SessionChanges changes) {
        last = changes;
        int bytes =
                changes.set().values().stream().mapToInt(value -> value.length).sum();
        if (bytes > most) {
            throw new SessionTooLargeException(bytes, most, "keep less in it");
        }
        if (!changes.create() && !sessions.containsKey(id)) {
            return false;
        }
        Map<String, byte[]> attributes = load(id).map(StoredSession::attributes).orElseGet(HashMap::new);
        attributes.keySet().removeAll(changes.removed());
        attributes.putAll(changes.set());
        sessions.put(id, new StoredSession(1, 2, changes.maxInactive(), attributes));
        return true;
    }

    @Override
    public synchronized boolean rename(String id, String newId) {
        StoredSession session = sessions.remove(id);
        return session != null && sessions.put(newId, session) == null;
    }

    @Override
    public synchronized void delete(String id) {
        sessions.remove(id);
    }

    @Override
    public void close() {
        sessions.clear();
    }
}
