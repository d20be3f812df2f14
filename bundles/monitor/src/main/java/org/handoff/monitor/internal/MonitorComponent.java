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
 * That is registered by hand: when an error has reached the loop, it is withdrawn, so that all that use the loop end,
 * and registered again with a new one.
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

    /** Makes a monitor known to those who need it; what it returns withdraws it, and returns when they are done. */
    private final Function<Monitor, Runnable> publisher;

    private final Routes routes;
    /** Whether the monitor's bundle is about to end, or all is. */
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
     * What {@code monitor:status} shows.
     *
     * @param problem why the configuration is not in effect; empty where it is
     * @param unknownKeys what the configuration has that nobody reads; empty for nothing
     * @param restarts how often the monitor was made anew after an error
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
            int restarts,
            long lost) {}

    /**
     * What {@code monitor:contexts} shows of one context of one target service.
     *
     * @param state what goes on with it; empty where the target does not say
     * @param since since when; null where the target does not say
     * @param serves the bundle whose code serves; empty for none
     * @param wanted the bundle whose code is to serve, where that is another one; else empty
     * @param problem what is wrong, and when it is tried to mend it; empty for nothing
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

    /** @param contexts where contexts are remembered; null for nowhere */
    private MonitorComponent(
            MonitorConfig config,
            Map<String, Object> properties,
            Function<Monitor, Runnable> publisher,
            File contexts,
            BooleanSupplier stopping) {
        this.publisher = publisher;
        this.stopping = stopping;
        this.routes = new Routes(this::onLoop, new Remembered(contexts == null ? null : contexts.toPath()));
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

    /** Ends what runs. Where this fails half way it is called again, and each step must do no harm then. */
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
        // What goes from here on goes because of us.
        routes.close();
        withdraw.run();
        running.close();
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            updated = "updatedTarget",
            unbind = "removeTarget")
    void addTarget(Target target, Map<String, Object> properties) {
        routes.put(target, properties);
    }

    void updatedTarget(Target target, Map<String, Object> properties) {
        routes.put(target, properties);
    }

    void removeTarget(ServiceReference<Target> target, Map<String, Object> properties) {
        targetGone(properties, isStopping(target.getBundle()));
    }

    /** @param returns whether its bundle stops, and the target with it */
    void targetGone(Map<String, Object> properties, boolean returns) {
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

    /** The loop of now; after an error it is another one. */
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
                restarts,
                lost);
    }

    /** All contexts, now, those with a problem too. What it shows, the targets have been told. */
    public List<ContextStatus> contexts() {
        return running.onLoop(() -> routes.all().stream().map(this::status).toList());
    }

    private ContextStatus status(Routes.Route route) {
        Map<String, Object> shown = route.shown();
        boolean lost = route.problem().isEmpty() && !routes.isServing(route);
        Long since = (Long) shown.get(Target.SINCE);
        Long retry = (Long) shown.get(Target.RETRY);
        return new ContextStatus(
                route.context(),
                route.host(),
                route.name(),
                lost ? "shadowed" : text(shown, Target.STATE),
                since == null ? null : Instant.ofEpochMilli(since),
                text(shown, Target.SERVES),
                text(shown, Target.WANTED),
                (lost ? "another target has this context" : route.problem())
                        + (retry == null ? "" : "; next try at " + TIME.format(Instant.ofEpochMilli(retry))));
    }

    private static String text(Map<String, Object> properties, String key) {
        return String.valueOf(properties.getOrDefault(key, ""));
    }
}
