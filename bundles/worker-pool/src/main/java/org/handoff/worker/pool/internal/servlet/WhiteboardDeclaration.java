package org.handoff.worker.pool.internal.servlet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.handoff.worker.pool.internal.deploy.Declaration;
import org.handoff.worker.pool.internal.description.BundleDescription;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * A service for the OSGi HTTP Whiteboard (a servlet, a filter, a listener, a resource, an error page or a servlet
 * context) or for the OSGi JAX-RS Whiteboard, which in workers makes a servlet of each application.
 *
 * @param component the name of its Declarative Services component, or null
 * @param properties of the service
 * @param waiting the missing requirements in Karaf; empty for none
 * @param isUnconfigured whether that is a configuration of its component
 */
record WhiteboardDeclaration(
        Bundle bundle, String component, Map<String, Object> properties, String waiting, boolean isUnconfigured)
        implements Declaration<WhiteboardDeclaration> {

    static final String PREFIX = "osgi.http.whiteboard.";
    static final String CONTEXT_NAME = PREFIX + "context.name";
    static final String CONTEXT_PATH = PREFIX + "context.path";
    static final String CONTEXT_SELECT = PREFIX + "context.select";
    static final String SERVLET_PATTERN = PREFIX + "servlet.pattern";
    static final String RESOURCE_PATTERN = PREFIX + "resource.pattern";

    private static final String TARGET = PREFIX + "target";
    /** Of the JAX-RS Whiteboard. */
    private static final String JAXRS = "osgi.jaxrs.";

    private static final String APPLICATION_BASE = JAXRS + "application.base";
    private static final String APPLICATION_SELECT = JAXRS + "application.select";
    private static final String JAXRS_RESOURCE = JAXRS + "resource";

    /** By one of these a service is for a Whiteboard (OSGi Compendium, chapters 140 and 151). */
    private static final List<String> KEYS = List.of(
            APPLICATION_BASE,
            JAXRS_RESOURCE,
            JAXRS + "extension",
            CONTEXT_PATH,
            SERVLET_PATTERN,
            PREFIX + "servlet.name",
            PREFIX + "servlet.errorPage",
            PREFIX + "filter.pattern",
            PREFIX + "filter.regex",
            PREFIX + "filter.servlet",
            PREFIX + "listener",
            RESOURCE_PATTERN);

    /** By one of these types too, without any property. */
    private static final List<String> PREPROCESSORS = List.of(
            "org.osgi.service.http.whiteboard.Preprocessor", "org.osgi.service.servlet.whiteboard.Preprocessor");

    /** The attribute of {@code servlets} filters with the symbolic name of the bundle. */
    static final String BUNDLE = "bundle";

    /** All of them. */
    static final Kind<WhiteboardDeclaration> ALL = new Kind<>() {

        @Override
        public String filter() {
            StringBuilder filter = new StringBuilder("(|");
            KEYS.forEach(key -> filter.append('(').append(key).append("=*)"));
            PREPROCESSORS.forEach(type -> clause(filter, Constants.OBJECTCLASS, type));
            return filter.append(')').toString();
        }

        @Override
        public BundleDescription described(Bundle bundle) {
            return BundleDescription.ofComponents(
                    bundle,
                    one -> one.services().stream().anyMatch(PREPROCESSORS::contains)
                            || !one.services().isEmpty() && KEYS.stream().anyMatch(one.properties()::containsKey));
        }

        @Override
        public WhiteboardDeclaration declaration(
                Bundle bundle, String component, Map<String, Object> properties, String waiting) {
            return new WhiteboardDeclaration(bundle, component, properties, waiting, false);
        }

        @Override
        public WhiteboardDeclaration unconfigured(
                Bundle bundle, String component, Map<String, Object> properties, String waiting) {
            return new WhiteboardDeclaration(bundle, component, properties, waiting, true);
        }
    };

    @Override
    public WhiteboardDeclaration waitingFor(String what) {
        return new WhiteboardDeclaration(bundle, component, properties, what, false);
    }

    @Override
    public boolean isLike(WhiteboardDeclaration other) {
        return whiteboard().equals(other.whiteboard());
    }

    /** Whether a pool's {@code servlets} select it. */
    boolean isSelectedBy(Filter servlets) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(BUNDLE, bundle.getSymbolicName());
        return servlets.matches(all);
    }

    /**
     * Why the other services of its bundle are served without it; empty if they are not. To give a component no
     * configuration is the way to leave it off. A servlet context is none to leave off: others need it.
     *
     * @param whiteboard what the Whiteboard of the pool says of itself, which targets are compared with
     */
    String leftOut(Map<String, Object> whiteboard) {
        if (!isFor(whiteboard)) {
            return "its " + TARGET + " = " + properties.get(TARGET)
                    + " is for another Whiteboard: that of this pool has " + new TreeMap<>(whiteboard);
        }
        return isUnconfigured && !isContext() ? waiting : "";
    }

    private boolean isFor(Map<String, Object> whiteboard) {
        Object target = properties.get(TARGET);
        try {
            return target == null
                    || FrameworkUtil.createFilter(target.toString()).match(new Hashtable<>(whiteboard));
        } catch (InvalidSyntaxException e) {
            // No Whiteboard takes it.
            return false;
        }
    }

    boolean isContext() {
        return properties.containsKey(CONTEXT_PATH) && properties.containsKey(CONTEXT_NAME);
    }

    /** Whether it is a servlet context in the place of the one that each Whiteboard has, as Pax Web's own is. */
    boolean isDefault() {
        return isContext() && ServletContexts.DEFAULT.equals(properties.get(CONTEXT_NAME));
    }

    /** Whether its servlet context is that one. */
    boolean selects(Map<String, Object> context) {
        Object select = properties.get(CONTEXT_SELECT);
        if (isContext()) {
            return false;
        }
        String filter = select == null ? "(" + CONTEXT_NAME + "=" + ServletContexts.DEFAULT + ")" : select.toString();
        try {
            return FrameworkUtil.createFilter(filter.startsWith("(") ? filter : "(" + CONTEXT_NAME + "=" + filter + ")")
                    .matches(context);
        } catch (InvalidSyntaxException e) {
            // The Whiteboard says so.
            return false;
        }
    }

    /** The patterns of the URLs that it answers within its servlet context. */
    List<String> patterns() {
        List<String> patterns = new ArrayList<>(texts(SERVLET_PATTERN));
        patterns.addAll(texts(RESOURCE_PATTERN));
        texts(APPLICATION_BASE).forEach(base -> patterns.add(("/" + base + "/*").replaceAll("/+", "/")));
        if (properties.containsKey(JAXRS_RESOURCE) && !properties.containsKey(APPLICATION_SELECT)) {
            // In the default application, where only the annotations of its class say what it answers.
            patterns.add("/*");
        }
        return patterns;
    }

    /** The values of a property that is a text or several. */
    List<String> texts(String key) {
        Object value = properties.get(key);
        if (value instanceof String[] several) {
            return Arrays.asList(several);
        }
        if (value instanceof Collection<?> several) {
            return several.stream().map(String::valueOf).toList();
        }
        return value == null ? List.of() : List.of(value.toString());
    }

    /** Its properties for the Whiteboards. */
    private Map<String, List<String>> whiteboard() {
        Map<String, List<String>> its = new TreeMap<>();
        properties.keySet().stream()
                .filter(key -> key.startsWith(PREFIX) || key.startsWith(JAXRS))
                .forEach(key -> its.put(key, texts(key)));
        return its;
    }

    /** A filter that matches its service in a worker too. */
    String filter() {
        StringBuilder filter = new StringBuilder("(&");
        if (component != null) {
            clause(filter, "component.name", component);
        }
        texts(Constants.OBJECTCLASS).stream()
                .filter(PREPROCESSORS::contains)
                .forEach(type -> clause(filter, Constants.OBJECTCLASS, type));
        whiteboard().forEach((key, values) -> values.forEach(value -> clause(filter, key, value)));
        return filter.append(')').toString();
    }

    private static void clause(StringBuilder filter, String key, String value) {
        filter.append('(').append(key).append('=');
        for (char c : value.toCharArray()) {
            if ("\\*()".indexOf(c) >= 0) {
                filter.append('\\');
            }
            filter.append(c);
        }
        filter.append(')');
    }

    /** Its name for messages. */
    String describe() {
        return (component == null ? "a service" : "the component " + component) + " of bundle "
                + bundle.getSymbolicName();
    }
}
