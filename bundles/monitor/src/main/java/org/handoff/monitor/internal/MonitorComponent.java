package org.handoff.monitor.internal;

import java.io.File;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import io.netty.channel.IoEventLoop;
import org.handoff.http.config.KnownKeys;
import org.handoff.monitor.api.Monitor;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The monitor as a component: its configuration, its table of targets, and the service by which targets find its loop.
 * The service is registered by hand: when an error has reached the loop, the service is withdrawn, so that all users of
 * the loop end, and registered again with a new loop.
 */
@Component(service = MonitorComponent.class, configurationPid = MonitorComponent.PID, immediate = true)
@Designate(ocd = MonitorConfig.class)
@Capability(
        namespace = "osgi.service",
        effective = "active",
        uses = Monitor.class,
        attribute = "objectClass:List<String>=\"org.handoff.monitor.api.Monitor\"")
public final class MonitorComponent {

    static final String PID = "org.handoff.monitor";

    private static final String FILE = "etc/" + PID + ".cfg";
    private static final KnownKeys KEYS = new KnownKeys(MonitorConfig.class, List.of());

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private static final Logger LOG = LoggerFactory.getLogger(MonitorComponent.class);

    /** Publishes a monitor to its users; the result withdraws it, and returns when they are done. */
    private final Function<Monitor, Runnable> publisher;

    private final Routes routes;
    /** Whether the monitor's bundle or the framework is stopping. */
    private final BooleanSupplier stopping;

    private volatile boolean restarting;
    private volatile RunningMonitor running;
    private Runnable withdraw = () -> {};
    private volatile String problem = "";
    private volatile String unknownKeys = "";
    private MonitorSettings settings;
    private volatile int restarts;
    private volatile long lost;
    private boolean stopped;

    /**
     * The monitor for {@code monitor:status}.
     *
     * @param problem why the configuration is not in effect; empty if it is
     * @param unknownKeys the unknown keys of the configuration; empty for none
     * @param restarts how often the monitor was replaced after an error
     * @param lost the connections that ended by that
     */
    public record Status(
            String listener,
            String problem,
            String unknownKeys,
            int open,
            int parked,
            int held,
            long accepted,
            long handedOff,
            long answered,
            long memory,
            long memoryBound,
            long ended,
            List<Port> ports,
            int restarts,
            long lost) {}

    /**
     * A listener of one target, for connections of any protocol.
     *
     * @param ended those that were closed as the target did not serve them
     */
    public record Port(String target, String listener, int open, long ended) {}

    /**
     * One context of one target for {@code monitor:contexts}.
     *
     * @param state its state; empty if the target does not tell
     * @param since the state's beginning; null if the target does not tell
     * @param serves the bundle whose code serves; empty for none
     * @param wanted the bundle whose code is to serve, if that is another one; otherwise empty
     * @param problem its problem, and the time of the next attempt to solve it; empty for none
     */
    public record ContextStatus(
            String context,
            String host,
            String target,
            String state,
            Instant since,
            String serves,
            String wanted,
            String problem) {}

    /** Starts the loop and the listener. */
    @Activate
    public MonitorComponent(BundleContext context, MonitorConfig config, Map<String, Object> properties) {
        this(
                config,
                properties,
                monitor -> context.registerService(Monitor.class, monitor, null)::unregister,
                context.getDataFile("contexts"),
                () -> isStopping(context.getBundle())
                        || isStopping(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)));
    }

    /** The same, without a memory of contexts. */
    MonitorComponent(MonitorConfig config, Function<Monitor, Runnable> publisher) {
        this(config, Map.of(), publisher, null, () -> false);
    }

    /** @param contexts the file for contexts; null for none */
    private MonitorComponent(
            MonitorConfig config,
            Map<String, Object> properties,
            Function<Monitor, Runnable> publisher,
            File contexts,
            BooleanSupplier stopping) {
        this.publisher = publisher;
        this.stopping = stopping;
        this.routes = new Routes(
                this::onLoop,
                addresses -> running.listen(addresses),
                new Remembered(contexts == null ? null : contexts.toPath()),
                new RouteLog(LOG::info));
        accept(config, properties);
        start();
    }

    private void accept(MonitorConfig config, Map<String, Object> properties) {
        unknownKeys = KEYS.warn(LOG, "The monitor", FILE, properties);
        try {
            settings = MonitorSettings.of(config);
            problem = "";
        } catch (IllegalArgumentException e) {
            problem = FILE + " has " + e.getMessage();
            LOG.error("{}: {}", settings == null ? "Not listening" : "Nothing changed", problem);
        }
    }

    private synchronized void start() {
        RunningMonitor next = new RunningMonitor(routes, this::restart);
        running = next;
        if (settings != null) {
            next.configure(settings);
        }
        withdraw = publisher.apply(next);
        routes.tell();
    }

    /** An error has reached the loop: ends all that is on it, and starts anew. On a thread of its own. */
    private synchronized void restart(Throwable cause) {
        if (stopped) {
            return;
        }
        LOG.error("The monitor is started anew, as an error has reached its event loop", cause);
        restarting = true;
        end();
        start();
        restarting = false;
        restarts++;
        LOG.warn(
                "The monitor has been started anew, {} times so far; {} connections that no worker had were lost",
                restarts,
                lost);
    }

    /** Ends the running monitor. If this fails half way, it is called again, so each step may be repeated. */
    private void end() {
        RunningMonitor former = running;
        tryTo(former::refuse);
        Runnable once = withdraw;
        withdraw = () -> {};
        tryTo(once);
        tryTo(() -> {
            Connections.Counts counts = former.counts();
            lost += counts.open() - counts.held();
        });
        tryTo(former::close);
    }

    private static void tryTo(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.warn("The monitor does not end in order", e);
        }
    }

    /** Takes a changed configuration: connections live on, only the listener is replaced if its address changed. */
    @Modified
    synchronized void configure(MonitorConfig config, Map<String, Object> properties) {
        accept(config, properties);
        if (problem.isEmpty()) {
            running.configure(settings);
        }
    }

    /** Stops accepting, ends the connections that no worker has, and the loop. */
    @Deactivate
    synchronized void stop() {
        stopped = true;
        // From here on targets go because the monitor does.
        routes.close();
        withdraw.run();
        running.close();
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            updated = "addGroup",
            unbind = "removeGroup")
    void addGroup(TargetGroup group, Map<String, Object> properties) {
        routes.put(group, properties);
    }

    void removeGroup(ServiceReference<TargetGroup> group, Map<String, Object> properties) {
        groupGone(properties, isStopping(group.getBundle()));
    }

    /** @param returns whether its bundle stops, and the group with it */
    void groupGone(Map<String, Object> properties, boolean returns) {
        routes.remove(properties, returns || restarting || stopping.getAsBoolean());
    }

    private static boolean isStopping(Bundle bundle) {
        return bundle != null && bundle.getState() == Bundle.STOPPING;
    }

    private void onLoop(Runnable task) {
        try {
            loop().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("targets are told once the monitor has been started anew", e);
        }
    }

    /** The present loop; after an error it is another one. */
    public IoEventLoop loop() {
        return running.loop();
    }

    /** The listener and the counts of connections, now. */
    public Status status() {
        RunningMonitor now = running;
        Connections.Counts counts = now.counts();
        String listening = now.listening();
        return new Status(
                listening == null ? "not listening" : listening,
                problem,
                unknownKeys,
                counts.open(),
                counts.parked(),
                counts.held(),
                counts.accepted(),
                counts.handedOff(),
                counts.answered(),
                counts.memory(),
                counts.memoryBound(),
                counts.ended(),
                counts.ports().stream()
                        .map(port -> new Port(port.target(), port.listener(), port.open(), port.ended()))
                        .toList(),
                restarts,
                lost);
    }

    /** All contexts, now, those with a problem too. The targets have been told of all of them. */
    public List<ContextStatus> contexts() {
        return running.onLoop(() -> routes.all().stream().map(this::status).toList());
    }

    private ContextStatus status(Routes.Route route) {
        Map<String, Object> shown = route.shown();
        Routes.Route owner = route.problem().isEmpty() ? routes.shadowing(route) : null;
        Long since = (Long) shown.get(Target.SINCE);
        Long retry = (Long) shown.get(Target.RETRY);
        return new ContextStatus(
                route.context(),
                route.host(),
                route.name(),
                owner != null ? "shadowed" : text(shown, Target.STATE),
                since == null ? null : Instant.ofEpochMilli(since),
                text(shown, Target.SERVES),
                text(shown, Target.WANTED),
                (owner != null ? owner.name() + " has this context" : problem(route))
                        + (retry == null ? "" : "; next try at " + TIME.format(Instant.ofEpochMilli(retry))));
    }

    private String problem(Routes.Route route) {
        String listener = running.problem(route.context());
        return route.problem().isEmpty() || listener.isEmpty()
                ? route.problem() + listener
                : route.problem() + "; " + listener;
    }

    private static String text(Map<String, Object> properties, String key) {
        return String.valueOf(properties.getOrDefault(key, ""));
    }
}
