package org.handoff.itests.handlers.specified;

import java.util.EventListener;
import java.util.Hashtable;
import javax.servlet.Filter;
import javax.servlet.Servlet;

import org.osgi.framework.BundleContext;
import org.osgi.service.http.context.ServletContextHelper;

/** Registers services of the Whiteboard by code, each in a servlet context of the bundle, at {@code /specified}. */
final class Registrar {

    static final String PREFIX = "osgi.http.whiteboard.";

    private static final String BASE = "/specified/";

    private final BundleContext context;

    Registrar(BundleContext context) {
        this.context = context;
    }

    BundleContext context() {
        return context;
    }

    /** A servlet context that lets everyone in, and has the files of the bundle. */
    void context(String name, Object... more) {
        context(name, new ServletContextHelper(context.getBundle()) {}, more);
    }

    /** A servlet context at the path that is its name. */
    void context(String name, ServletContextHelper helper, Object... more) {
        Hashtable<String, Object> properties = properties(more);
        properties.put(PREFIX + "context.name", name.replace('/', '.'));
        properties.putIfAbsent(PREFIX + "context.path", BASE + name);
        context.registerService(ServletContextHelper.class, helper, properties);
    }

    void servlet(String where, Servlet servlet, Object... properties) {
        service(where, Servlet.class, servlet, properties);
    }

    void filter(String where, Filter filter, Object... properties) {
        service(where, Filter.class, filter, properties);
    }

    <T extends EventListener> void listener(String where, Class<T> type, T listener) {
        service(where, type, listener, "listener", "true");
    }

    void resource(String where, Object... properties) {
        service(where, Object.class, new Object(), properties);
    }

    /** Any service, such as a factory of servlets. */
    void service(String where, Class<?> type, Object service, Object... more) {
        Hashtable<String, Object> properties = properties(more);
        properties.put(PREFIX + "context.select", "(" + PREFIX + "context.name=" + where.replace('/', '.') + ")");
        context.registerService(type.getName(), service, properties);
    }

    /** Keys of the Whiteboard are without its prefix. */
    static Hashtable<String, Object> properties(Object... keysAndValues) {
        Hashtable<String, Object> properties = new Hashtable<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String key = keysAndValues[i].toString();
            boolean isWhole = key.startsWith("service.") || key.contains(".init.");
            properties.put(isWhole ? key : PREFIX + key, keysAndValues[i + 1]);
        }
        return properties;
    }
}
