package org.handoff.session.store.internal.memory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** The sessions of one pool, each kind with the longest idle ones first. */
public final class PoolMemory {

    /**
     * The part of the pool's bytes that sessions may have to which no client came back. Beyond, they go first: any
     * client can make as many of them as it likes, and the sessions of people at work are not to go for them.
     */
    private static final int NEW_PART = 4;

    private final String name;
    private final LinkedHashMap<String, KeptSession> made = new LinkedHashMap<>();
    private final LinkedHashMap<String, KeptSession> returned = new LinkedHashMap<>();
    private long madeBytes;
    private long bytes;
    private long dropped;

    PoolMemory(String name) {
        this.name = name;
    }

    /** The pool's name. */
    public String name() {
        return name;
    }

    /** The number of its sessions. */
    public int sessions() {
        return made.size() + returned.size();
    }

    /** The bytes of its sessions. */
    public long bytes() {
        return bytes;
    }

    /** The number of its sessions that had to go for others. */
    public long dropped() {
        return dropped;
    }

    KeptSession find(String id) {
        KeptSession session = returned.get(id);
        return session == null ? made.get(id) : session;
    }

    void add(KeptSession session) {
        (session.isReturned ? returned : made).put(session.id, session);
        count(session, session.bytes);
    }

    void remove(KeptSession session) {
        (session.isReturned ? returned : made).remove(session.id);
        count(session, -session.bytes);
    }

    private void count(KeptSession session, long more) {
        bytes += more;
        madeBytes += session.isReturned ? 0 : more;
    }

    /** The session to go for others. */
    KeptSession longestIdle() {
        boolean ofMade = returned.isEmpty() || made.size() > 1 && madeBytes > bytes / NEW_PART;
        return (ofMade ? made : returned).values().iterator().next();
    }

    void dropped(KeptSession session) {
        remove(session);
        dropped++;
    }

    /** Some of its sessions, the longest idle ones of each kind first. */
    List<KeptSession> some(int most) {
        return new ArrayList<>(Stream.concat(made.values().stream(), returned.values().stream())
                .limit(most)
                .toList());
    }
}
