package org.handoff.worker.pool.internal.servlet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.ServletSettings;
import org.handoff.worker.pool.internal.deploy.Deployed;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.deploy.HandlerFiles;
import org.handoff.worker.pool.internal.deploy.UnreportedChanges;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Want;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.framework.wiring.BundleCapability;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servlets of a pool: the {@link Application} that the pool's filter selects. Looks at declarations and services in
 * Karaf, and never asks for a service.
 *
 * <p>On the pool's thread, but for {@link #problem} and {@link #stop}.
 */
public final class PoolServlets {

    private static final Logger LOG = LoggerFactory.getLogger(PoolServlets.class);

    /** The bundle with the Whiteboard of workers, and the PID by which it knows its application. */
    private static final String WHITEBOARD = "org.handoff.servlet";
    /** The name by which its handler is known in a worker. */
    private static final String COMPONENT = "servlets";

    private static final String DATA_SOURCE = "javax.sql.DataSource";

    /** The header of a web application (OSGi Compendium, chapter 128). */
    private static final String WEB_APPLICATION = "Web-ContextPath";

    /** By this the Whiteboard of a pool says where its servlets are. */
    private static final String ENDPOINT = "osgi.http.endpoint";

    private static final String IMPLEMENTATION = "osgi.implementation";
    private static final Set<String> IMPLEMENTATIONS = Set.of("osgi.http", "osgi.servlet");

    private final BundleContext context;
    private final String pool;
    private final Deployed<WhiteboardDeclaration> deployed;
    private final UnreportedChanges unreported;
    private final WhiteboardChanges changes;
    private final ServletSettings settings;
    private final Map<String, Object> its;
    private final Filter database;
    private volatile String problem = "";

    /**
     * @param database selects the {@code DataSource} for sessions; null for sessions elsewhere
     * @param executor the pool's thread
     * @param changed hears of changes, on any thread
     */
    public PoolServlets(
            Framework framework,
            String pool,
            ServletSettings settings,
            Filter database,
            ScheduledExecutorService executor,
            Runnable changed) {
        this.context = framework.context();
        this.pool = pool;
        this.settings = settings;
        its = Map.of(
                ENDPOINT, settings.host().isEmpty() ? "/" : "http://" + settings.host() + "/", "handoff.pool", pool);
        this.database = database;
        deployed = new Deployed<>(
                framework, WhiteboardDeclaration.ALL, refusal -> LOG.debug("pool {}: {}", pool, refusal));
        unreported = new UnreportedChanges(deployed, executor, changed);
        changes = new WhiteboardChanges(context, changed);
        changes.open();
    }

    /** Whether it was made with these. */
    public boolean isOf(ServletSettings servlets, Filter sessions) {
        return settings.equals(servlets) && Objects.equals(database, sessions);
    }

    /** Looks no longer. */
    public void stop() {
        unreported.stop();
        changes.close();
    }

    /** Whether workers have the Whiteboard's bundle in the place of this capability's. */
    public static boolean isReplaced(BundleCapability capability) {
        return capability.getNamespace().equals(IMPLEMENTATION)
                && IMPLEMENTATIONS.contains(
                        String.valueOf(capability.getAttributes().get(IMPLEMENTATION)))
                && !WHITEBOARD.equals(capability.getRevision().getSymbolicName());
    }

    /** What keeps the pool from having servlets at all; empty for nothing. On any thread. */
    public String problem() {
        return problem;
    }

    /** Whether services of that type matter, because a component waits for them. On any thread. */
    public boolean awaits(String type) {
        return deployed.awaits(type);
    }

    /** The application's claim; empty if there is none, and {@link #problem} says why. */
    public List<Want> wants(HandlerFiles files) {
        Application application = Application.of(deployed.declared(), settings.filter(), its);
        unreported.goOn();
        String selects = "without servlets: servlets = " + settings.filter();
        if (application.isEmpty()) {
            problem = selects + " selects " + selectedInstead();
            return List.of();
        }
        List<String> contexts;
        try {
            contexts = new ServletContexts(application.services()).of(application.services());
        } catch (IllegalArgumentException e) {
            problem = selects + " selects a service that cannot be served: " + e.getMessage();
            return List.of();
        }
        if (contexts.isEmpty()) {
            problem = joined(
                    selects + " selects no servlet and no resource whose servlet context is there",
                    application.remark());
            return List.of();
        }
        problem = "";
        return List.of(want(application, contexts, files));
    }

    /** What the filter selects where it selects no service. */
    private String selectedInstead() {
        return Arrays.stream(context.getBundles())
                .filter(one -> one.getSymbolicName() != null
                        && one.getHeaders().get(WEB_APPLICATION) != null
                        && settings.filter().matches(Map.of(WhiteboardDeclaration.BUNDLE, one.getSymbolicName())))
                .findFirst()
                .map(one -> "the web application (WAR) " + Want.label(one) + ", which workers do not serve: make its"
                        + " servlets services of the HTTP Whiteboard, or leave it to Karaf's feature war")
                .orElse("no service of the HTTP Whiteboard: install its bundle, or correct the filter");
    }

    private Want want(Application application, List<String> contexts, HandlerFiles files) {
        List<WhiteboardDeclaration> services = application.services();
        List<Bundle> bundles =
                services.stream().map(WhiteboardDeclaration::bundle).distinct().toList();
        String label = bundles.stream().map(Want::label).collect(Collectors.joining(", "));
        Bundle whiteboard = whiteboard();
        String waiting = waiting(services, whiteboard, files);
        if (!waiting.isEmpty()) {
            return want(bundles, contexts, null, waiting, label);
        }
        List<ServiceReference<?>> sessions = database == null ? List.of() : files.service(DATA_SOURCE, database);
        if (database != null && sessions.isEmpty()) {
            String missing = "there is no service " + DATA_SOURCE + " with " + database + " for the sessions";
            return want(bundles, contexts, null, missing, label);
        }
        HandlerFiles.Root own = new HandlerFiles.Root(
                Stream.concat(Stream.of(whiteboard), bundles.stream()).toList(), sessions);
        try {
            SortedMap<String, Path> configurations = new TreeMap<>(files.configurationsOf(own));
            configurations.put(WHITEBOARD, files.configuration(configuration(services, contexts)));
            Code code = new Code(name(), label, COMPONENT, files.of(own), configurations);
            return want(bundles, contexts, code, joined(application.remark(), files.remark(own)), label);
        } catch (IOException e) {
            LOG.error("The servlets of {} cannot be copied for the workers of pool {}", label, pool, e);
            return want(bundles, contexts, null, "it cannot be copied for the workers: " + e.getMessage(), label);
        } catch (IllegalStateException e) {
            LOG.debug("one of {} changes while it is looked at", label, e);
            return want(bundles, contexts, null, "its bundle, or one that it needs, is being changed", label);
        }
    }

    private Want want(List<Bundle> bundles, List<String> contexts, Code code, String remark, String label) {
        long oldest = bundles.stream().mapToLong(Bundle::getBundleId).min().orElseThrow();
        return new Want(
                name(), Version.emptyVersion, oldest, COMPONENT, settings.host(), contexts, code, remark, label);
    }

    private static String joined(String... remarks) {
        return Stream.of(remarks).filter(one -> !one.isEmpty()).collect(Collectors.joining("; "));
    }

    /** Whose code it is, whatever bundles it has now. */
    private String name() {
        return "the servlets of pool " + pool;
    }

    private static String waiting(List<WhiteboardDeclaration> application, Bundle whiteboard, HandlerFiles files) {
        if (whiteboard == null) {
            return "the workers' Whiteboard is not installed: feature:install handoff-servlet";
        }
        if (!files.missing().isEmpty()) {
            return "the pool's configuration names what there is not: " + files.missing();
        }
        return application.stream()
                .filter(one -> !one.waiting().isEmpty())
                .map(one -> one.describe() + ": " + one.waiting())
                .findFirst()
                .orElse("");
    }

    private Bundle whiteboard() {
        return Arrays.stream(context.getBundles())
                .filter(one -> WHITEBOARD.equals(one.getSymbolicName())
                        && (one.getState() & (Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE)) != 0)
                .findFirst()
                .orElse(null);
    }

    /** What the workers' Whiteboard has to know of its application. */
    private Map<String, Object> configuration(List<WhiteboardDeclaration> services, List<String> contexts) {
        List<String> bundles = new ArrayList<>();
        List<String> components = new ArrayList<>();
        List<String> filters = new ArrayList<>();
        services.forEach(one -> {
            bundles.add(one.bundle().getSymbolicName());
            components.add(one.component() == null ? "" : one.component());
            filters.add(one.filter());
        });
        Map<String, Object> values = new HashMap<>();
        values.put(Constants.SERVICE_PID, WHITEBOARD);
        values.put("endpoint", its.get(ENDPOINT));
        values.put("cookie", settings.cookie().toArray(String[]::new));
        values.put("contexts", contexts.toArray(String[]::new));
        values.put("service.bundles", bundles.toArray(String[]::new));
        values.put("service.components", components.toArray(String[]::new));
        values.put("service.filters", filters.toArray(String[]::new));
        return values;
    }
}
