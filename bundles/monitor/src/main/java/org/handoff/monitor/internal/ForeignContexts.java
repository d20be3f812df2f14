package org.handoff.monitor.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;

/**
 * The contexts that each target must not answer, though a context of its own may match: contexts of other targets that
 * lie within its own, or are for one host. Found by going up from each context, not by comparing all with all.
 */
final class ForeignContexts {

    private final Map<Target, List<RoutedContext>> lists = new LinkedHashMap<>();
    private final Map<String, Target> owners = new HashMap<>();

    private ForeignContexts(List<ContextTable.Entry<Routes.Route>> entries) {
        for (ContextTable.Entry<Routes.Route> entry : entries) {
            lists.computeIfAbsent(entry.value().target(), target -> new ArrayList<>());
            if (entry.host().isEmpty()) {
                owners.put(entry.context(), entry.value().target());
            }
        }
        entries.forEach(this::add);
    }

    /** For each target that has an entry, in their order; empty for a target without foreign contexts. */
    static Map<Target, List<RoutedContext>> of(List<ContextTable.Entry<Routes.Route>> entries) {
        return new ForeignContexts(entries).lists;
    }

    private void add(ContextTable.Entry<Routes.Route> entry) {
        RoutedContext context = new RoutedContext(entry.context(), entry.host());
        for (Target target : entry.host().isEmpty() ? above(entry.context()) : lists.keySet()) {
            if (target != entry.value().target()) {
                lists.get(target).add(context);
            }
        }
    }

    /** The targets with a context for any host that this one lies within. */
    private Set<Target> above(String context) {
        Set<Target> above = new LinkedHashSet<>();
        for (int end = context.length(); end > 0; end = context.lastIndexOf('/', end - 1)) {
            above.add(owners.get(context.substring(0, end)));
        }
        above.add(owners.get("/"));
        above.remove(null);
        return above;
    }
}
