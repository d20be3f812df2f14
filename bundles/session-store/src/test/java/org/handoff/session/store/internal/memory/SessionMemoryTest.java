package org.handoff.session.store.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.Request;
import org.handoff.session.store.internal.config.SessionsSettings;
import org.junit.jupiter.api.Test;

class SessionMemoryTest {

    private static final Answer DONE = new Answer.Done();
    private static final Answer GONE = new Answer.Gone();
    private static final int KIB = 1 << 10;

    private long millis = 1_000_000;
    private long nanos;
    private final SessionMemory memory =
            new SessionMemory(new SessionsSettings(100 * KIB, 10 * KIB, 50), () -> millis, () -> nanos);
    private final PoolMemory pool = memory.pool("default");

    private void seconds(long passed) {
        millis += TimeUnit.SECONDS.toMillis(passed);
        nanos += TimeUnit.SECONDS.toNanos(passed);
    }

    private Answer make(PoolMemory in, String id, int maxInactive, int bytes) {
        return memory.answer(in, new Request.Save(id, true, maxInactive, Set.of(), Map.of("a", new byte[bytes])));
    }

    private Answer.Session load(String id) {
        return assertInstanceOf(Answer.Session.class, memory.answer(pool, new Request.Load(id)));
    }

    private boolean exists(PoolMemory in, String id) {
        return in.find(id) != null;
    }

    private Answer save(String id, Set<String> removed, Map<String, byte[]> set) {
        return memory.answer(pool, new Request.Save(id, false, 60, removed, set));
    }

    @Test
    void mergesChangesAttributeByAttribute() {
        assertEquals(GONE, save("x", Set.of(), Map.of()));
        assertEquals(DONE, make(pool, "x", 60, 3));
        assertEquals(DONE, save("x", Set.of("not there"), Map.of("b", new byte[] {1})));
        assertEquals(DONE, save("x", Set.of("a"), Map.of("c", new byte[] {2})));
        assertEquals(Set.of("b", "c"), load("x").attributes().keySet());
        assertEquals(Frames.bytes(load("x").attributes()), pool.bytes());
    }

    @Test
    void tellsTimesAndLimits() {
        make(pool, "x", 60, 0);
        seconds(10);
        assertEquals(1_000_000, load("x").accessed());
        seconds(10);
        assertEquals(1_010_000, load("x").accessed());
        assertEquals(1_000_000, load("x").created());
        assertEquals(60, load("x").maxInactive());
    }

    @Test
    void endsAfterItsIdleTimeAndNotBefore() {
        make(pool, "x", 60, 0);
        make(pool, "never", 0, 0);
        make(pool, "unseen", 60, 0);
        seconds(59);
        load("x");
        seconds(1);
        memory.endDue();
        assertFalse(exists(pool, "unseen"));
        seconds(58);
        memory.endDue();
        load("x");
        seconds(60);
        assertEquals(GONE, memory.answer(pool, new Request.Load("x")));
        seconds(1_000_000_000);
        memory.endDue();
        assertEquals(1, pool.sessions());
        load("never");
        // A shorter time holds at once.
        memory.answer(pool, new Request.Save("never", false, 5, Set.of(), Map.of()));
        seconds(5);
        memory.endDue();
        assertEquals(0, pool.sessions());
        assertEquals(0, memory.bytes());
    }

    @Test
    void sessionThatIsTooLargeStaysAsItWas() {
        make(pool, "x", 60, 3);
        Answer answer = save("x", Set.of("a"), Map.of("b", new byte[10 * KIB]));
        assertEquals(new Answer.TooLarge(Frames.OF_SESSION + Frames.OF_ATTRIBUTE + 1 + 10 * KIB), answer);
        assertEquals(Set.of("a"), load("x").attributes().keySet());
        assertInstanceOf(Answer.TooLarge.class, make(pool, "y", 60, 11 * KIB));
        assertFalse(exists(pool, "y"));
        // An attribute that takes the place of another counts alone.
        assertEquals(DONE, save("x", Set.of(), Map.of("a", new byte[8 * KIB])));
        assertEquals(DONE, save("x", Set.of(), Map.of("a", new byte[8 * KIB])));
        assertEquals(DONE, save("x", Set.of("a"), Map.of("a", new byte[8 * KIB])));
    }

    @Test
    void renamesAndMayBeAskedAgain() {
        make(pool, "x", 60, 3);
        assertEquals(DONE, memory.answer(pool, new Request.Rename("x", "y")));
        assertEquals(DONE, memory.answer(pool, new Request.Rename("x", "y")));
        assertEquals(GONE, memory.answer(pool, new Request.Rename("x", "z")));
        assertEquals(GONE, memory.answer(pool, new Request.Load("x")));
        assertEquals(3, load("y").attributes().get("a").length);
        assertEquals(DONE, memory.answer(pool, new Request.Delete("y")));
        assertEquals(DONE, memory.answer(pool, new Request.Delete("y")));
        assertEquals(0, memory.bytes());
    }

    @Test
    void poolsDoNotSeeEachOther() {
        make(pool, "x", 60, 3);
        assertEquals(GONE, memory.answer(memory.pool("another"), new Request.Load("x")));
        assertEquals(DONE, memory.answer(memory.pool("another"), new Request.Delete("x")));
        load("x");
    }

    @Test
    void longestIdleSessionsGoWhenMemoryIsFull() {
        for (int i = 0; i < 11; i++) {
            make(pool, "s" + i, 0, 8 * KIB);
            load("s" + i);
            load("s0");
        }
        assertTrue(memory.bytes() <= 100 * KIB);
        assertTrue(exists(pool, "s0"));
        assertTrue(exists(pool, "s10"));
        make(pool, "s11", 0, 8 * KIB);
        assertFalse(exists(pool, "s1"));
        assertTrue(exists(pool, "s2"));
        assertEquals(1, pool.dropped());
    }

    @Test
    void sessionsThatNobodyCameBackToGoFirst() {
        for (int i = 0; i < 6; i++) {
            make(pool, "user" + i, 0, 8 * KIB);
            load("user" + i);
        }
        for (int i = 0; i < 1000; i++) {
            make(pool, "robot" + i, 0, 1 * KIB);
        }
        for (int i = 0; i < 6; i++) {
            assertTrue(exists(pool, "user" + i), "user" + i);
        }
        assertTrue(exists(pool, "robot999"));
        assertFalse(exists(pool, "robot0"));
        assertTrue(memory.bytes() <= 100 * KIB);
        assertTrue(pool.sessions() <= 50);
    }

    @Test
    void newSessionIsKeptWhereAllOthersAreInUse() {
        for (int i = 0; i < 20; i++) {
            make(pool, "user" + i, 0, 8 * KIB);
            load("user" + i);
        }
        make(pool, "new", 0, 8 * KIB);
        assertTrue(exists(pool, "new"));
    }

    @Test
    void poolTakesNoSessionsOfAnother() {
        PoolMemory other = memory.pool("a quiet pool");
        make(other, "quiet", 0, 8 * KIB);
        seconds(1000);
        for (int i = 0; i < 100; i++) {
            make(pool, "s" + i, 0, 8 * KIB);
            load("s" + i);
        }
        assertTrue(exists(other, "quiet"));
    }

    @Test
    void boundsTheSessionsOfAPool() {
        for (int i = 0; i < 60; i++) {
            make(pool, "s" + i, 0, 1);
        }
        assertEquals(50, pool.sessions());
        assertFalse(exists(pool, "s9"));
        assertTrue(exists(pool, "s10"));
        memory.settings(new SessionsSettings(100 * KIB, 10 * KIB, 20));
        assertEquals(20, pool.sessions());
        memory.settings(new SessionsSettings(5 * KIB, 1 * KIB, 20));
        assertTrue(memory.bytes() <= 5 * KIB);
    }

    @Test
    void showsNoWholeId() {
        make(pool, "0123456789abcdef", 60, 1);
        make(pool, "ab", 0, 1);
        seconds(5);
        List<SessionMemory.Shown> shown = memory.show(pool, 10);
        assertEquals(
                List.of("0123…", "a…"),
                shown.stream().map(SessionMemory.Shown::id).toList());
        assertEquals(
                List.of(55L, -1L),
                shown.stream().map(SessionMemory.Shown::leftSeconds).toList());
        assertEquals(5, shown.get(0).idleSeconds());
        assertEquals(1, memory.show(pool, 1).size());
    }

    /** Whatever is asked, the memory knows its size, and answers as a plain map would. */
    @Test
    void agreesWithAPlainMap() {
        Random random = new Random(1);
        SessionMemory large =
                new SessionMemory(new SessionsSettings(1L << 30, 1 << 20, 1000), () -> millis, () -> nanos);
        PoolMemory own = large.pool("default");
        Map<String, Map<String, byte[]>> plain = new TreeMap<>();
        for (int i = 0; i < 50_000; i++) {
            String id = "s" + random.nextInt(20);
            switch (random.nextInt(5)) {
                case 0 -> {
                    large.answer(own, new Request.Delete(id));
                    plain.remove(id);
                }
                case 1 -> {
                    String newId = "s" + random.nextInt(20);
                    large.answer(own, new Request.Rename(id, newId));
                    Map<String, byte[]> session = plain.remove(id);
                    if (session != null) {
                        plain.put(newId, session);
                    }
                }
                case 2 ->
                    assertEquals(
                            plain.containsKey(id), large.answer(own, new Request.Load(id)) instanceof Answer.Session);
                default -> {
                    Map<String, byte[]> set = new HashMap<>();
                    set.put("a" + random.nextInt(5), new byte[random.nextInt(50)]);
                    List<String> removed = new ArrayList<>();
                    removed.add("a" + random.nextInt(5));
                    boolean create = random.nextBoolean();
                    large.answer(own, new Request.Save(id, create, random.nextInt(3), Set.copyOf(removed), set));
                    if (create || plain.containsKey(id)) {
                        Map<String, byte[]> session = plain.computeIfAbsent(id, any -> new HashMap<>());
                        session.keySet().removeAll(removed);
                        session.putAll(set);
                    }
                }
            }
            long bytes = plain.values().stream().mapToLong(Frames::bytes).sum();
            assertEquals(bytes, large.bytes(), "after step " + i);
            assertEquals(bytes, own.bytes());
            assertEquals(plain.size(), own.sessions());
        }
        seconds(3);
        large.endDue();
        assertTrue(own.sessions() < plain.size());
    }

    /** Else a worker could take Karaf's memory with sessions that are empty. */
    @Test
    void removedAttributesTakeNoMemory() {
        int sessions = 500;
        SessionMemory large =
                new SessionMemory(new SessionsSettings(64 * KIB * KIB, KIB * KIB, 1000), () -> 1, () -> 1);
        PoolMemory its = large.pool("default");
        Map<String, byte[]> many = new HashMap<>();
        for (int i = 0; i < 7000; i++) {
            many.put("a" + i, new byte[0]);
        }
        long before = heap();
        for (int i = 0; i < sessions; i++) {
            assertEquals(DONE, large.answer(its, new Request.Save("s" + i, true, 60, Set.of(), many)));
            assertEquals(DONE, large.answer(its, new Request.Save("s" + i, false, 60, many.keySet(), Map.of())));
        }
        assertEquals(sessions * (long) Frames.OF_SESSION, large.bytes());
        long taken = heap() - before;
        assertTrue(taken < 8L * KIB * KIB, taken + " bytes");
        assertEquals(sessions, its.sessions());
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
