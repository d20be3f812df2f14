package org.handoff.session.store.internal.memory;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.handoff.http.limits.Complaint;
import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.Request;
import org.handoff.session.store.internal.config.SessionsSettings;

/** The sessions of all pools. On one thread. */
public final class SessionMemory {

    /** The most sessions that end in a turn. */
    private static final int TURN = 1000;

    private static final int SHOWN_OF_ID = 4;

    private final Map<String, PoolMemory> pools = new TreeMap<>();
    private final TreeSet<Due> dues = new TreeSet<>();
    private final Complaint dropped = new Complaint();
    private final LongSupplier millis;
    private final LongSupplier nanos;
    private SessionsSettings settings;
    private long bytes;
    private long numbers;

    /** When to look at a session. */
    private record Due(long time, KeptSession session, PoolMemory pool) implements Comparable<Due> {

        private static final Comparator<Due> ORDER =
                Comparator.comparingLong(Due::time).thenComparingLong(due -> due.session.number);

        @Override
        public int compareTo(Due other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * A session for {@code session:list}.
     *
     * @param id its first characters: the rest is a secret
     * @param leftSeconds until it ends without another access; negative for never
     */
    public record Shown(String id, long created, long idleSeconds, long leftSeconds, int attributes, long bytes) {}

    /**
     * Makes a memory without sessions.
     *
     * @param millis the time since 1970
     * @param nanos a time that never jumps, from 0 on
     */
    public SessionMemory(SessionsSettings settings, LongSupplier millis, LongSupplier nanos) {
        this.settings = settings;
        this.millis = millis;
        this.nanos = nanos;
    }

    /** Changes the bounds; sessions go that exceed them. */
    public void settings(SessionsSettings changed) {
        settings = changed;
        pools.values().forEach(this::bound);
    }

    /** The sessions of a pool. */
    public PoolMemory pool(String name) {
        return pools.computeIfAbsent(name, PoolMemory::new);
    }

    /** All pools that had sessions, in the order of their names. */
    public List<PoolMemory> pools() {
        return List.copyOf(pools.values());
    }

    /** Does what a worker of the pool asks for; it may not be {@link Request.Hello}. */
    public Answer answer(PoolMemory pool, Request request) {
        if (request instanceof Request.Save save) {
            return save(pool, save);
        }
        if (request instanceof Request.Rename rename) {
            return rename(pool, rename);
        }
        if (request instanceof Request.Load load) {
            KeptSession session = living(pool, load.id());
            if (session == null) {
                return new Answer.Gone();
            }
            long before = session.accessed;
            access(pool, session);
            return new Answer.Session(session.created, before, session.maxInactive, session.attributes);
        }
        if (request instanceof Request.Delete delete) {
            KeptSession session = living(pool, delete.id());
            if (session != null) {
                delete(pool, session);
            }
            return new Answer.Done();
        }
        throw new IllegalArgumentException("no question: " + request.getClass());
    }

    private Answer save(PoolMemory pool, Request.Save save) {
        KeptSession session = living(pool, save.id());
        if (session == null && !save.create()) {
            return new Answer.Gone();
        }
        long after = session == null ? Frames.OF_SESSION : session.bytes;
        Map<String, byte[]> before = session == null ? Map.of() : session.attributes;
        for (String name : save.removed()) {
            after -= save.set().containsKey(name) ? 0 : size(name, before.get(name));
        }
        for (Map.Entry<String, byte[]> one : save.set().entrySet()) {
            after += size(one.getKey(), one.getValue()) - size(one.getKey(), before.get(one.getKey()));
        }
        if (after > settings.sessionBytes()) {
            return new Answer.TooLarge(after);
        }
        if (session == null) {
            session = new KeptSession(numbers++, save.id(), millis.getAsLong());
        } else {
            take(pool, session);
        }
        if (session.attributes.keySet().removeAll(save.removed())) {
            // The table of the former map stays as large as it was, and nobody counts that.
            session.attributes = new HashMap<>(session.attributes);
        }
        session.attributes.putAll(save.set());
        session.maxInactive = save.maxInactive();
        session.bytes = after;
        put(pool, session);
        bound(pool);
        return new Answer.Done();
    }

    private static long size(String name, byte[] value) {
        return value == null ? 0 : Frames.bytes(name, value);
    }

    private Answer rename(PoolMemory pool, Request.Rename rename) {
        KeptSession session = living(pool, rename.id());
        KeptSession other = living(pool, rename.newId());
        if (session == null) {
            // It may have been renamed before, if the worker has not seen the answer.
            return other == null ? new Answer.Gone() : new Answer.Done();
        }
        if (other != null && other != session) {
            delete(pool, other);
        }
        take(pool, session);
        session.id = rename.newId();
        put(pool, session);
        return new Answer.Done();
    }

    /** The session, unless it has ended. */
    private KeptSession living(PoolMemory pool, String id) {
        KeptSession session = pool.find(id);
        if (session != null && session.end() <= nanos.getAsLong()) {
            delete(pool, session);
            return null;
        }
        return session;
    }

    /** A client came back with it. */
    private void access(PoolMemory pool, KeptSession session) {
        take(pool, session);
        session.isReturned = true;
        put(pool, session);
    }

    private void take(PoolMemory pool, KeptSession session) {
        pool.remove(session);
        bytes -= session.bytes;
    }

    /** Puts it behind all others, as of now. */
    private void put(PoolMemory pool, KeptSession session) {
        session.accessed = millis.getAsLong();
        session.accessedNanos = nanos.getAsLong();
        pool.add(session);
        bytes += session.bytes;
        // An access moves the end: the look at the former end finds that, and costs an access nothing.
        if (session.due == 0 || session.end() < session.due) {
            dues.remove(new Due(session.due, session, pool));
            look(pool, session);
        }
    }

    private void look(PoolMemory pool, KeptSession session) {
        session.due = session.end();
        dues.add(new Due(session.due, session, pool));
    }

    private void delete(PoolMemory pool, KeptSession session) {
        take(pool, session);
        dues.remove(new Due(session.due, session, pool));
    }

    /** Lets sessions go for others. */
    private void bound(PoolMemory changed) {
        while (changed.sessions() > settings.poolSessions()) {
            drop(changed);
        }
        while (bytes > settings.memory()) {
            // A pool with many sessions takes none of those of the others.
            drop(pools.values().stream()
                    .max(Comparator.comparingLong(PoolMemory::bytes))
                    .orElseThrow());
        }
    }

    private void drop(PoolMemory pool) {
        KeptSession session = pool.longestIdle();
        pool.dropped(session);
        dropped.happens();
        bytes -= session.bytes;
        dues.remove(new Due(session.due, session, pool));
    }

    /** Ends sessions that are due, a part of them if there are many. */
    public void endDue() {
        long now = nanos.getAsLong();
        for (int i = 0; i < TURN && !dues.isEmpty() && dues.first().time() <= now; i++) {
            Due due = dues.pollFirst();
            if (due.session().end() <= now) {
                delete(due.pool(), due.session());
            } else {
                look(due.pool(), due.session());
            }
        }
    }

    /** The sessions of all pools that had to go for others. */
    public Complaint dropped() {
        return dropped;
    }

    /** The bytes of all sessions. */
    public long bytes() {
        return bytes;
    }

    /** Some sessions of a pool, for people. */
    public List<Shown> show(PoolMemory pool, int most) {
        long now = nanos.getAsLong();
        return pool.some(most).stream()
                .map(session -> new Shown(
                        session.id.substring(0, Math.min(SHOWN_OF_ID, session.id.length() / 2)) + "…",
                        session.created,
                        TimeUnit.NANOSECONDS.toSeconds(now - session.accessedNanos),
                        session.maxInactive > 0 ? TimeUnit.NANOSECONDS.toSeconds(session.end() - now) : -1,
                        session.attributes.size(),
                        session.bytes))
                .toList();
    }
}
