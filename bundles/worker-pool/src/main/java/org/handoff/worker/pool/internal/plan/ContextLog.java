package org.handoff.worker.pool.internal.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The log's lines about the contexts of a pool: one where a state begins, which names the state that it ends, and one
 * where a context goes. None while a state lasts, however often its code is tried again.
 */
public final class ContextLog {

    private ContextLog() {}

    /**
     * The lines for a change.
     *
     * @param before the contexts before the change
     * @param now the contexts after it
     */
    public static List<String> lines(
            String pool, Map<ContextLine.Key, ContextLine> before, Map<ContextLine.Key, ContextLine> now) {
        List<String> lines = new ArrayList<>();
        before.forEach((key, line) -> {
            if (!now.containsKey(key)) {
                lines.add(ends(pool, line));
            }
        });
        now.forEach((key, line) -> {
            ContextLine former = before.get(key);
            if (former == null || !line.isInStateOf(former)) {
                lines.add(begins(pool, former, line));
            }
        });
        return lines;
    }

    /** @param former the state that ends; null for none */
    private static String begins(String pool, ContextLine former, ContextLine now) {
        return context(pool, now)
                + now.state()
                + (former == null || former.state() == now.state() ? "" : ", no longer " + former.state())
                + (now.serves().isEmpty() ? "" : ", served by " + now.serves())
                + (now.wanted().isEmpty() ? "" : ", wanted by " + now.wanted())
                + (now.problem().isEmpty() ? "" : ": " + now.problem());
    }

    private static String ends(String pool, ContextLine gone) {
        return context(pool, gone)
                + "no longer " + gone.state()
                + switch (gone.state()) {
                    case SHADOWED -> ", wanted by " + gone.wanted() + ": the bundle has gone, or has the context now";
                    case WRONG_POOL -> ", wanted by " + gone.wanted() + ": the bundle has gone, or the pool has come";
                    default -> ": the pool has withdrawn it";
                };
    }

    private static String context(String pool, ContextLine line) {
        return "Context " + line.place() + " of pool " + pool + ": ";
    }
}
