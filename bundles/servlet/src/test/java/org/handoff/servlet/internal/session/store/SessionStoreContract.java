package org.handoff.servlet.internal.session.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each store does, for two workers of one pool. */
abstract class SessionStoreContract {

    static final String ID = "0123456789abcdef0123456789abcdef";

    private final List<SessionStore> stores = new ArrayList<>();
    SessionStore one;
    SessionStore other;

    /** A worker's view of the store. */
    abstract SessionStore connect(String pool) throws Exception;

    @BeforeEach
    void connectBoth() throws Exception {
        one = connected("pool");
        other = connected("pool");
    }

    private SessionStore connected(String pool) throws Exception {
        SessionStore store = connect(pool);
        stores.add(store);
        return store;
    }

    @AfterEach
    void disconnect() {
        stores.forEach(SessionStore::close);
    }

    static SessionChanges made(int maxInactive, Map<String, byte[]> set) {
        return new SessionChanges(true, maxInactive, Set.of(), set);
    }

    static SessionChanges changed(Set<String> removed, Map<String, byte[]> set) {
        return new SessionChanges(false, 60, removed, set);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void eachWorkerSeesWhatAnotherHasSaved() {
        assertFalse(one.load(ID).isPresent());
        assertFalse(one.save(ID, changed(Set.of(), Map.of("a", bytes(1)))));
        assertFalse(one.load(ID).isPresent());
        long begin = System.currentTimeMillis();
        byte[] large = new byte[300_000];
        Arrays.fill(large, (byte) 7);
        assertTrue(one.save(ID, made(60, Map.of("a", bytes(1), "größe", large, "", bytes()))));
        StoredSession session = other.load(ID).orElseThrow();
        assertEquals(Set.of("a", "größe", ""), session.attributes().keySet());
        assertArrayEquals(large, session.attributes().get("größe"));
        assertEquals(60, session.maxInactive());
        assertTrue(session.created() >= begin && session.created() <= System.currentTimeMillis());
        assertTrue(session.accessed() >= begin && session.accessed() <= System.currentTimeMillis());
    }

    @Test
    void changesMergeAttributeByAttribute() {
        one.save(ID, made(0, Map.of("a", bytes(1), "b", bytes(1))));
        assertTrue(one.save(ID, changed(Set.of("b", "not there"), Map.of("c", bytes(2)))));
        assertTrue(other.save(ID, changed(Set.of(), Map.of("a", bytes(3), "d", bytes(3)))));
        Map<String, byte[]> attributes = one.load(ID).orElseThrow().attributes();
        assertEquals(Set.of("a", "c", "d"), attributes.keySet());
        assertArrayEquals(bytes(3), attributes.get("a"));
    }

    @Test
    void makingASessionAgainChangesIt() {
        one.save(ID, made(60, Map.of("a", bytes(1))));
        assertTrue(one.save(ID, made(70, Map.of("a", bytes(1)))));
        assertEquals(70, one.load(ID).orElseThrow().maxInactive());
    }

    @Test
    void deletedAndRenamedSessionsAreGone() {
        String newId = "f" + ID.substring(1);
        one.save(ID, made(60, Map.of("a", bytes(1))));
        assertTrue(one.rename(ID, newId));
        assertTrue(one.rename(ID, newId));
        assertFalse(other.load(ID).isPresent());
        assertFalse(other.save(ID, changed(Set.of(), Map.of())));
        assertFalse(other.rename(ID, "e" + ID.substring(1)));
        assertArrayEquals(bytes(1), other.load(newId).orElseThrow().attributes().get("a"));
        other.delete(newId);
        other.delete(newId);
        assertFalse(one.load(newId).isPresent());
        assertFalse(one.save(newId, changed(Set.of(), Map.of("a", bytes(1)))));
        assertFalse(one.rename(newId, ID));
    }

    @Test
    void poolsAreKeptApart() throws Exception {
        SessionStore another = connected("another");
        one.save(ID, made(60, Map.of("a", bytes(1))));
        assertFalse(another.load(ID).isPresent());
        another.save(ID, made(60, Map.of("a", bytes(2))));
        another.delete(ID);
        assertTrue(one.load(ID).isPresent());
    }

    @Test
    void sessionEndsWithoutAnAccess() {
        String lasting = "f" + ID.substring(1);
        String watched = "e" + ID.substring(1);
        one.save(lasting, made(0, Map.of()));
        one.save(ID, made(1, Map.of("a", bytes(1))));
        one.save(watched, made(1, Map.of("a", bytes(1))));
        long begin = System.nanoTime();
        // An access to the one would make it last; the other one's keep it.
        Await.await(
                "more than a second",
                () -> one.load(watched).isPresent() && System.nanoTime() - begin > 1_500_000_000L);
        assertFalse(one.save(ID, changed(Set.of(), Map.of())));
        assertFalse(one.load(ID).isPresent());
        assertFalse(one.rename(ID, "d" + ID.substring(1)));
        assertTrue(one.load(lasting).isPresent());
        assertTrue(one.load(watched).isPresent());
    }

    @Test
    void changesAtTheSameTimeAreAllThere() throws Exception {
        one.save(ID, made(0, Map.of()));
        int times = 60;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                SessionStore store = i % 2 == 0 ? one : other;
                String name = "a" + i;
                Callable<Void> changes = () -> {
                    for (int j = 0; j < times; j++) {
                        assertTrue(store.save(ID, changed(Set.of(), Map.of(name, bytes(j), "common", bytes(j, j)))));
                        StoredSession now = store.load(ID).orElseThrow();
                        assertArrayEquals(bytes(j), now.attributes().get(name));
                        byte[] common = now.attributes().get("common");
                        assertEquals(common[0], common[1]);
                    }
                    return null;
                };
                all.add(threads.submit(changes));
            }
            for (Future<?> one : all) {
                one.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(
                Set.of("a0", "a1", "a2", "a3", "common"),
                other.load(ID).orElseThrow().attributes().keySet());
    }

    @Test
    void sessionThatIsTooLargeStaysAsItWas() {
        one.save(ID, made(60, Map.of("a", bytes(1))));
        byte[] large = new byte[20 << 20];
        assertThrows(SessionTooLargeException.class, () -> one.save(ID, changed(Set.of("a"), Map.of("b", large))));
        assertEquals(Set.of("a"), one.load(ID).orElseThrow().attributes().keySet());
    }

    /** One that the store took and does not give back would make all requests of its client fail. */
    @Test
    void sessionThatGrowsStepByStepIsLoadedUpToItsBound() {
        one.save(ID, made(60, Map.of()));
        Set<String> saved = new TreeSet<>();
        byte[] part = new byte[600_000];
        assertThrows(SessionTooLargeException.class, () -> {
            for (int i = 0; i < 40; i++) {
                one.save(ID, changed(Set.of(), Map.of("a" + i, part)));
                saved.add("a" + i);
            }
        });
        assertEquals(saved, other.load(ID).orElseThrow().attributes().keySet());
    }
}
