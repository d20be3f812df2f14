package org.handoff.servlet.internal.session.store;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.handoff.session.protocol.Frames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session as one request sees it: a copy, whose changes the other requests see once it is saved. An attribute is
 * deserialized when it is read for the first time. One that the request has read and changed without setting it again is
 * saved too. On any thread.
 */
public final class OpenSession {

    private static final Logger LOG = LoggerFactory.getLogger(OpenSession.class);

    private static final Set<String> OF_NUMBERS = Set.of("java.lang", "java.math");
    private static final String OF_TIMES = "java.time";

    private final Sessions sessions;
    private final long created;
    private final long accessed;
    private final Map<String, Attribute> attributes = new HashMap<>();
    private final Set<String> removed = new HashSet<>();
    private String id;
    /** The id that it is to have in the store from the next save on; null for the one that it has. */
    private String newId;

    private int maxInactive;
    private boolean maxInactiveChanged;
    private boolean inStore;

    /** An attribute: its bytes in the store, its object, or both. */
    private static final class Attribute {

        /** Null if the store has another state, or none. */
        private byte[] bytes;

        /** Null if it was not read. */
        private Object object;

        private Attribute(byte[] bytes, Object object) {
            this.bytes = bytes;
            this.object = object;
        }
    }

    private OpenSession(Sessions sessions, String id, long created, long accessed, int maxInactive, boolean inStore) {
        this.sessions = sessions;
        this.id = id;
        this.created = created;
        this.accessed = accessed;
        this.maxInactive = maxInactive;
        this.inStore = inStore;
    }

    static OpenSession made(Sessions sessions, String id) {
        long now = System.currentTimeMillis();
        return new OpenSession(sessions, id, now, now, 0, false);
    }

    static OpenSession stored(Sessions sessions, String id, StoredSession stored) {
        OpenSession session =
                new OpenSession(sessions, id, stored.created(), stored.accessed(), stored.maxInactive(), true);
        stored.attributes().forEach((name, bytes) -> session.attributes.put(name, new Attribute(bytes, null)));
        return session;
    }

    /** The id by which the client names it. */
    public synchronized String id() {
        return newId == null ? id : newId;
    }

    /** Whether the store has a session with its id. */
    public synchronized boolean isInStore() {
        return inStore && newId == null;
    }

    /** When it was made, in milliseconds since 1970. */
    public long created() {
        return created;
    }

    /** The latest access before this request, in milliseconds since 1970. */
    public long accessed() {
        return accessed;
    }

    /** Seconds without an access after which it ends; 0 or less for never. */
    public synchronized int maxInactive() {
        return maxInactive;
    }

    /** Sets the seconds without an access after which it ends; 0 or less for never. */
    public synchronized void maxInactive(int seconds) {
        maxInactiveChanged |= maxInactive != seconds;
        maxInactive = seconds;
    }

    /** The names of its attributes. */
    public synchronized Set<String> names() {
        return new TreeSet<>(attributes.keySet());
    }

    /**
     * An attribute; null for none. One that these workers cannot read, as its class has changed or gone, is as if it
     * were not there; the store keeps it until it is set or removed.
     */
    public synchronized Object get(String name) {
        Attribute attribute = attributes.get(name);
        if (attribute == null) {
            return null;
        }
        if (attribute.object == null) {
            attribute.object = read(name, attribute.bytes);
        }
        return attribute.object;
    }

    private Object read(String name, byte[] bytes) {
        try {
            return sessions.codec().read(bytes);
        } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | StackOverflowError e) {
            if (sessions.mayWarn()) {
                LOG.warn(
                        "A session's attribute {} is left out, as this worker cannot read it (reported once a minute); "
                                + "keep the serialVersionUID of its class and the types of its fields",
                        name,
                        e);
            }
            return null;
        }
    }

    /**
     * Sets an attribute.
     *
     * @throws IllegalArgumentException if its class is not {@link Serializable}, or its name is longer than a store has it
     */
    public synchronized void set(String name, Object value) {
        Frames.checkName(name);
        if (!(value instanceof Serializable)) {
            throw new IllegalArgumentException("the session's attribute " + name + " is a "
                    + value.getClass().getName()
                    + ", which is not Serializable: sessions outlive the worker, so each attribute has to be");
        }
        removed.remove(name);
        attributes.put(name, new Attribute(null, value));
    }

    /** Removes an attribute, if there is one. */
    public synchronized void remove(String name) {
        if (attributes.remove(name) != null) {
            removed.add(name);
        }
    }

    /**
     * Saves what has changed, so that any worker has it when this returns. Without a change nothing is sent.
     *
     * @return false if the session has been deleted meanwhile; it does not come back
     * @throws StoreAwayException if the store does not answer
     * @throws SessionTooLargeException if the session has become too large; nothing is saved then
     * @throws IllegalStateException if an attribute has a part that is not serializable; nothing is saved then
     */
    public synchronized boolean save() {
        Map<String, byte[]> set = new HashMap<>();
        attributes.forEach((name, attribute) -> {
            byte[] now = changed(name, attribute);
            if (now != null) {
                set.put(name, now);
            }
        });
        String former = id;
        if (newId != null && !rename()) {
            return false;
        }
        if (inStore && set.isEmpty() && removed.isEmpty() && !maxInactiveChanged) {
            return true;
        }
        SessionChanges changes = new SessionChanges(!inStore, maxInactive, Set.copyOf(removed), set);
        if (!save(changes, former)) {
            return false;
        }
        set.forEach((name, bytes) -> attributes.get(name).bytes = bytes);
        removed.clear();
        maxInactiveChanged = false;
        inStore = true;
        return true;
    }

    /** The client does not hear of a new id if this fails, so the session is to be found by the former one. */
    private boolean save(SessionChanges changes, String former) {
        try {
            return sessions.store().save(id, changes);
        } catch (SessionTooLargeException e) {
            if (inStore && !former.equals(id) && sessions.store().rename(id, former)) {
                newId = id;
                id = former;
            }
            throw e;
        }
    }

    /** Before the changes are saved: the former id may be known to others, and is not to have them. */
    private boolean rename() {
        if (inStore && !sessions.store().rename(id, newId)) {
            return false;
        }
        id = newId;
        newId = null;
        return true;
    }

    /** The bytes of an attribute that the store does not have; null if it has them. */
    private byte[] changed(String name, Attribute attribute) {
        if (attribute.bytes != null && (attribute.object == null || isValue(attribute.object))) {
            return null;
        }
        byte[] now = write(name, attribute.object);
        if (attribute.bytes == null) {
            return now;
        }
        return Arrays.equals(now, attribute.bytes) || Arrays.equals(now, anew(name, attribute.bytes)) ? null : now;
    }

    /**
     * The bytes of an unchanged attribute that was deserialized and serialized: they may be others, as the order of a
     * hash table's entries depends on its history. To save them would undo the changes of another request.
     */
    private byte[] anew(String name, byte[] bytes) {
        Object object = read(name, bytes);
        return object == null ? null : write(name, object);
    }

    private byte[] write(String name, Object object) {
        try {
            return sessions.codec().write(object);
        } catch (IOException | StackOverflowError e) {
            throw new IllegalStateException(
                    "the session's attribute " + name + " of the class "
                            + object.getClass().getName()
                            + " cannot be serialized: sessions outlive the worker, so each "
                            + "part of it has to be Serializable, or transient",
                    e);
        }
    }

    /** Whether it is of a class whose objects never change, so that nobody has to look. */
    private static boolean isValue(Object object) {
        String from = object.getClass().getPackageName();
        return object instanceof String
                || object instanceof Boolean
                || object instanceof Character
                || object instanceof Enum
                || object instanceof Number && OF_NUMBERS.contains(from)
                || object instanceof Comparable && from.equals(OF_TIMES);
    }

    /**
     * Gives the session another id, with the next {@link #save}: so that the client hears of it, or keeps the former one.
     */
    public synchronized void changeId() {
        newId = sessions.newId();
    }

    /** Deletes the session, at once. @throws StoreAwayException if the store does not answer */
    public synchronized void delete() {
        if (inStore) {
            sessions.store().delete(id);
        }
    }
}
