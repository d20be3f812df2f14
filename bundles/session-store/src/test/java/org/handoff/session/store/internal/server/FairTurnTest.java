package org.handoff.session.store.internal.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;

class FairTurnTest {

    private static List<String> turn(List<String> ready) {
        return FairTurn.of(new ArrayList<>(ready), one -> one.charAt(0), 3);
    }

    @Test
    void busyPoolLeavesTheOthersTheirTurn() {
        List<String> ready = new ArrayList<>(List.of("b1", "c1", "c2", "c3"));
        for (int i = 0; i < 500; i++) {
            ready.add("a" + i);
        }
        List<String> turn = turn(ready);
        assertEquals(7, turn.size());
        assertTrue(turn.containsAll(List.of("b1", "c1", "c2", "c3")), turn.toString());
    }

    @Test
    void eachHasItsTurn() {
        List<String> ready = List.of("a1", "a2", "a3", "a4", "a5", "a6");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            seen.addAll(turn(ready));
        }
        assertEquals(Set.copyOf(ready), seen);
    }

    @Test
    void fewAreAllServed() {
        assertEquals(List.of("a1", "a2", "a3"), turn(List.of("a1", "a2", "a3")));
    }
}
