package org.handoff.session.store.internal.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Whose turn it is, where one pool could ask so much that the others wait. */
final class FairTurn {

    private FairTurn() {}

    /**
     * Some of the ready ones, of each owner a few at most; by chance which ones, so that each has its turn. The others
     * are still ready in the next turn.
     *
     * @param most of one owner
     */
    static <T> List<T> of(List<T> ready, Function<T, Object> owner, int most) {
        if (ready.size() <= most) {
            return ready;
        }
        Collections.shuffle(ready);
        Map<Object, Integer> counts = new HashMap<>();
        List<T> turn = new ArrayList<>();
        for (T one : ready) {
            if (counts.merge(owner.apply(one), 1, Integer::sum) <= most) {
                turn.add(one);
            }
        }
        return turn;
    }
}
