package org.handoff.worker.runtime.handler;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The problems of Blueprint containers, which the Blueprint extender makes on threads of its own once their bundles
 * have been started. The extender and the API (OSGi Compendium 121.10) come with the bundles that use them, so this
 * class calls the API by reflection. Thread-safe.
 */
final class BlueprintContainers {

    private static final Logger LOG = LoggerFactory.getLogger(BlueprintContainers.class);

    private static final String API = "org.osgi.service.blueprint.container";
    private static final String LISTENER = API + ".BlueprintListener";

    // Where the definitions are (121.3.4).
    private static final String HEADER = "Bundle-Blueprint";
    private static final String FOLDER = "OSGI-INF/blueprint";

    // Types of BlueprintEvent.
    private static final int CREATED = 2;
    private static final int FAILURE = 5;

    private final Map<Bundle, String> problems = new ConcurrentHashMap<>();
    /** The bundles whose containers are made, or will not be. */
    private final Set<Bundle> ended = ConcurrentHashMap.newKeySet();

    private final Runnable changed;
    private boolean isListening;

    private BlueprintContainers(Runnable changed) {
        this.changed = changed;
    }

    /**
     * Listens to the extender of a framework, which repeats what has happened so far; where there is none, to nothing.
     *
     * @param changed run on the extender's threads when a container is made, waits or has failed
     */
    static BlueprintContainers of(BundleContext context, Runnable changed) {
        BlueprintContainers containers = new BlueprintContainers(changed);
        for (Bundle bundle : context.getBundles()) {
            BundleWiring wiring = bundle.adapt(BundleWiring.class);
            if (wiring != null
                    && wiring.getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
                            .anyMatch(exported ->
                                    API.equals(exported.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)))) {
                containers.listen(context, wiring.getClassLoader());
            }
        }
        return containers;
    }

    private void listen(BundleContext context, ClassLoader api) {
        try {
            Object listener = Proxy.newProxyInstance(api, new Class<?>[] {api.loadClass(LISTENER)}, this::called);
            context.registerService(LISTENER, listener, null);
            isListening = true;
        } catch (ClassNotFoundException e) {
            LOG.warn("Problems of Blueprint containers cannot be told: {} is missing", LISTENER, e);
        }
    }

    private Object called(Object listener, Method method, Object[] arguments) throws ReflectiveOperationException {
        return switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(listener);
            case "equals" -> listener == arguments[0];
            case "toString" -> BlueprintContainers.class.getName();
            default -> {
                blueprintEvent(arguments[0]);
                yield null;
            }
        };
    }

    private void blueprintEvent(Object event) throws ReflectiveOperationException {
        Bundle bundle = (Bundle) ask(event, "getBundle");
        int type = (int) ask(event, "getType");
        String[] missing = (String[]) ask(event, "getDependencies");
        if (type == CREATED) {
            problems.remove(bundle);
        } else if (missing != null && missing.length > 0) {
            problems.put(bundle, "waits for the service " + String.join(" and ", List.of(missing)));
        } else if (type == FAILURE) {
            problems.put(bundle, "failed: " + ask(event, "getCause"));
        }
        if (type == CREATED || type == FAILURE) {
            ended.add(bundle);
        }
        changed.run();
    }

    private static Object ask(Object event, String method) throws ReflectiveOperationException {
        try {
            return event.getClass().getMethod(method).invoke(event);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(event + " does not answer " + method, e);
        }
    }

    /** Why the bundle's container is not there; null where it is there, is being made, or none belongs to the bundle. */
    String problem(Bundle bundle) {
        return problems.get(bundle);
    }

    /** Whether the extender is making the bundle's container. */
    boolean areMaking(Bundle bundle) {
        return isListening && isDefinedBy(bundle) && !ended.contains(bundle);
    }

    private static boolean isDefinedBy(Bundle bundle) {
        return bundle.getHeaders("").get(HEADER) != null || bundle.findEntries(FOLDER, "*.xml", false) != null;
    }
}
