package org.handoff.worker.runtime.handler;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.hooks.service.EventHook;
import org.osgi.framework.hooks.service.ListenerHook;

/**
 * Keeps events of services from bundles whose listeners' filters ask for other types of services. Declarative Services
 * has two listeners for each bundle with components, and Felix 7.0.5 tries the filter of each with every event: with
 * a thousand bundles, millions of them at a worker's start.
 *
 * <p>{@link EventHook} is the older of two hooks that do this; the framework copies less for it.
 */
@SuppressWarnings("deprecation")
final class ListenerIndex implements ListenerHook, EventHook {

    /** Listeners whose filter does not begin with a type. */
    private static final String ANY = "";

    private static final Pattern TYPE =
            Pattern.compile("\\((?:&\\()?" + Constants.OBJECTCLASS + "=([^*()\\\\]+)\\).*", Pattern.DOTALL);

    /** The number of listeners of each bundle, by the type that they ask for. */
    private final Map<String, Map<BundleContext, Integer>> listeners = new HashMap<>();

    @Override
    public synchronized void added(Collection<ListenerInfo> added) {
        added.forEach(listener -> count(listener, 1));
    }

    @Override
    public synchronized void removed(Collection<ListenerInfo> removed) {
        removed.forEach(listener -> count(listener, -1));
    }

    /** Calls come from several threads, and a listener's removal may come before its addition. */
    private void count(ListenerInfo listener, int by) {
        Map<BundleContext, Integer> contexts =
                listeners.computeIfAbsent(type(listener.getFilter()), type -> new HashMap<>());
        int count = contexts.merge(listener.getBundleContext(), by, Integer::sum);
        if (count == 0) {
            contexts.remove(listener.getBundleContext());
        }
    }

    private static String type(String filter) {
        Matcher matcher = TYPE.matcher(filter == null ? "" : filter);
        return matcher.matches() ? matcher.group(1) : ANY;
    }

    @Override
    public synchronized void event(ServiceEvent event, Collection<BundleContext> contexts) {
        Set<BundleContext> asking =
                new HashSet<>(listeners.getOrDefault(ANY, Map.of()).keySet());
        for (String type : (String[]) event.getServiceReference().getProperty(Constants.OBJECTCLASS)) {
            asking.addAll(listeners.getOrDefault(type, Map.of()).keySet());
        }
        contexts.retainAll(asking);
    }
}
