package org.handoff.servlet.internal.session.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

class OpenSessionTest {

    private final MapStore store = new MapStore();
    private final Sessions sessions = new Sessions(store, new CompiledClasses());

    private OpenSession saved(Map<String, Object> attributes) {
        OpenSession session = sessions.create();
        attributes.forEach(session::set);
        assertTrue(session.save());
        return session;
    }

    private OpenSession open(OpenSession session) {
        return sessions.open(session.id()).orElseThrow();
    }

    @Test
    void nextRequestSeesWhatWasSaved() {
        OpenSession session = sessions.create();
        session.maxInactive(60);
        session.set("a", "b");
        assertFalse(sessions.open(session.id()).isPresent());
        assertTrue(session.save());
        OpenSession next = open(session);
        assertEquals("b", next.get("a"));
        assertEquals(60, next.maxInactive());
        assertEquals(Set.of("a"), next.names());
        next.remove("a");
        next.remove("not there");
        assertNull(next.get("a"));
        next.save();
        assertEquals(Set.of("a"), store.last.removed());
        assertEquals(Set.of(), open(session).names());
    }

    @Test
    void requestThatChangesNothingSavesNothing() {
        OpenSession session = saved(Map.of("a", "b", "list", new ArrayList<>(List.of(1))));
        store.last = null;
        OpenSession next = open(session);
        next.get("a");
        next.get("list");
        assertTrue(next.save());
        assertNull(store.last);
    }

    @Test
    void attributeThatWasReadAndChangedIsSaved() {
        OpenSession session = saved(Map.of("list", new ArrayList<>(List.of(1)), "other", "x"));
        OpenSession next = open(session);
        @SuppressWarnings("unchecked")
        List<Object> list = (List<Object>) next.get("list");
        list.add(2);
        assertTrue(next.save());
        assertEquals(Set.of("list"), store.last.set().keySet());
        assertEquals(List.of(1, 2), open(session).get("list"));
        list.add(3);
        assertTrue(next.save());
        assertEquals(List.of(1, 2, 3), open(session).get("list"));
    }

    /** The order of entries in a hash table with a history is not that of its copy. */
    @Test
    void unchangedHashTableIsNotSaved() {
        Map<Object, Object> table = new HashMap<>(1024);
        for (int i = 0; i < 20; i++) {
            table.put("key" + i * 37, i);
        }
        OpenSession session = saved(Map.of("table", table));
        store.last = null;
        OpenSession next = open(session);
        next.get("table");
        assertTrue(next.save());
        assertNull(store.last);
    }

    @Test
    void changesOfTwoRequestsMerge() {
        OpenSession session = saved(Map.of("a", 1, "b", 1));
        OpenSession one = open(session);
        OpenSession other = open(session);
        one.set("a", 2);
        other.set("b", 2);
        one.save();
        other.save();
        assertEquals(2, open(session).get("a"));
        assertEquals(2, open(session).get("b"));
    }

    @Test
    void deletedSessionDoesNotComeBack() {
        OpenSession session = saved(Map.of());
        OpenSession other = open(session);
        other.set("a", 1);
        session.delete();
        assertFalse(other.save());
        other.changeId();
        assertFalse(other.save());
        assertFalse(sessions.open(other.id()).isPresent());
    }

    @Test
    void idChangesWithAllElseKept() {
        OpenSession session = saved(Map.of("a", 1));
        String former = session.id();
        session.changeId();
        assertNotEquals(former, session.id());
        assertTrue(session.save());
        assertFalse(sessions.open(former).isPresent());
        assertEquals(1, open(session).get("a"));
        OpenSession unsaved = sessions.create();
        unsaved.changeId();
        unsaved.save();
        assertEquals(Set.of(session.id(), unsaved.id()), store.sessions.keySet());
    }

    /** The worker may be killed before the client has heard of the new one. */
    @Test
    void idStaysUntilTheSessionIsSaved() {
        OpenSession session = saved(Map.of("a", 1));
        String former = session.id();
        session.changeId();
        assertEquals(Set.of(former), store.sessions.keySet());
        session.set("list", new ArrayList<>(List.of(new Object())));
        assertThrows(IllegalStateException.class, session::save);
        assertEquals(Set.of(former), store.sessions.keySet());
    }

    @Test
    void idStaysIfTheSessionIsTooLarge() {
        OpenSession session = saved(Map.of("a", 1));
        String former = session.id();
        session.changeId();
        session.set("large", "x".repeat(1000));
        store.most = 500;
        assertThrows(SessionTooLargeException.class, session::save);
        assertEquals(Set.of(former), store.sessions.keySet());
        session.remove("large");
        assertTrue(session.save());
        assertEquals(Set.of(session.id()), store.sessions.keySet());
        assertNotEquals(former, session.id());
    }

    @Test
    void idsOfClientsAreNotBelieved() {
        for (String id :
                List.of("", "x", "x".repeat(31) + "/", "x".repeat(33), "ä".repeat(32), "x".repeat(31) + "\n")) {
            store.sessions.put(id, new StoredSession(1, 1, 1, Map.of()));
            assertFalse(sessions.open(id).isPresent(), id);
        }
    }

    @Test
    void unreadableAttributeIsLeftOutAndKept() {
        OpenSession session = saved(Map.of("a", 1));
        store.sessions.get(session.id()).attributes().put("bad", new byte[] {9});
        OpenSession next = open(session);
        assertNull(next.get("bad"));
        assertEquals(1, next.get("a"));
        next.set("a", 2);
        assertTrue(next.save());
        assertEquals(Set.of("a"), store.last.set().keySet());
        assertEquals(9, store.sessions.get(session.id()).attributes().get("bad")[0]);
    }

    @Test
    void attributesThatAreNotSerializableAreNamed() {
        OpenSession session = sessions.create();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> session.set("cart", new Object()))
                .getMessage()
                .contains("cart is a java.lang.Object"));
        session.set("cart", new ArrayList<>(List.of(new Object())));
        assertTrue(assertThrows(IllegalStateException.class, session::save)
                .getMessage()
                .contains("cart of the class java.util.ArrayList"));
        assertTrue(store.sessions.isEmpty());
    }

    @Test
    void nameThatNoStoreTakesIsRefusedWhenItIsSet() {
        OpenSession session = sessions.create();
        session.set("ä".repeat(512), 1);
        String message = assertThrows(IllegalArgumentException.class, () -> session.set("ä".repeat(513), 1))
                .getMessage();
        assertEquals("a name of an attribute of more than 1024 bytes", message);
        assertThrows(IllegalArgumentException.class, () -> session.set("\ud800", 1));
        assertTrue(session.save());
    }
}
