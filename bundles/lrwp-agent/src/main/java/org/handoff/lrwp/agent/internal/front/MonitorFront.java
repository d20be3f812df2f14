package org.handoff.lrwp.agent.internal.front;

import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import io.netty.channel.EventLoop;
import io.netty.channel.unix.Socket;
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.routing.ContextTable;
import org.handoff.lrwp.agent.internal.application.Agent;
import org.handoff.lrwp.agent.internal.application.Application;
import org.handoff.lrwp.agent.internal.application.ApplicationTable;
import org.handoff.lrwp.agent.internal.application.Front;
import org.handoff.lrwp.agent.internal.application.OtherContext;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Monitor;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.RoutingProperties;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.Descriptors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent behind the monitor's port: one target for all applications. It serves connections in Karaf's process, on
 * its {@link FrontLoop}s, and gives them back between two requests.
 */
@Component(
        service = {},
        immediate = true)
public final class MonitorFront implements Front, Target {

    private static final Logger LOG = LoggerFactory.getLogger(MonitorFront.class);

    /** How long requests in flight may take when the front stops. */
    private static final long STOP_SECONDS = 10;

    private final BundleContext context;
    private final Monitor monitor;
    private final RunningAgent running;
    private final Agent agent;
    private final EventLoop loop;
    private final List<FrontLoop> loops;
    /** Registering services calls foreign code: never on a loop. */
    private final ExecutorService registrar = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "handoff-lrwp-contexts");
        thread.setDaemon(true);
        return thread;
    });

    private final Registrations registrations;
    private final Map<ServiceReference<?>, List<OtherContext>> others = new ConcurrentHashMap<>();
    private volatile ApplicationTable table = ApplicationTable.of(List.of());
    private volatile ContextTable<String> otherContexts = ContextTable.of(List.of());
    /** Connections for which the system refuses a descriptor. Used on the monitor's loop. */
    private final Complaint unserved = new Complaint();
    // Used on the registrar's thread.
    private List<Application> applications = List.of();
    private Map<Application, Application.Trouble> troubles = Map.of();

    /** Used on the agent's loop. */
    private HttpLimits limits;

    /** Begins to bring the agent requests. */
    @Activate
    public MonitorFront(BundleContext context, @Reference Monitor monitor, @Reference RunningAgent running) {
        this.context = context;
        this.monitor = monitor;
        this.running = running;
        agent = running.agent();
        loop = running.eventLoop();
        loops = running.clientLoops().stream()
                .map(one -> new FrontLoop(one, loop, monitor.loop(), this::find))
                .toList();
        registrations = new Registrations(context, this);
        loop.execute(() -> agent.add(this));
    }

    // ---- what is served

    @Override
    public CompletableFuture<?> publish(List<Application> inService) {
        HttpLimits next = agent.settings().http();
        if (!next.equals(limits)) {
            limits = next;
            MemoryBudget memory = agent.memory();
            loops.forEach(one -> one.renew(next, memory));
        }
        Map<Application, Application.Trouble> now = new HashMap<>();
        inService.forEach(one -> now.computeIfAbsent(one, Application::trouble));
        try {
            return CompletableFuture.runAsync(
                    () -> {
                        applications = inService;
                        troubles = now;
                        update();
                    },
                    registrar);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private void update() {
        List<OtherContext> all = others.values().stream().flatMap(List::stream).toList();
        registrations.update(
                applications, troubles, all, agent.settings(), served -> table = ApplicationTable.of(served));
    }

    @Override
    public String problem(Application application) {
        return registrations.problem(application);
    }

    @Reference(
            service = TargetGroup.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            updated = "addGroup",
            unbind = "removeGroup")
    public void addGroup(ServiceReference<TargetGroup> reference, TargetGroup group) {
        if (reference.getBundle() != context.getBundle()) {
            // Asked for its members in here, so that of two calls at a time the last one has the last members.
            others.compute(
                    reference,
                    (same, before) -> group.members().stream()
                            .flatMap(MonitorFront::contexts)
                            .toList());
            updateLater();
        }
    }

    /** A group of other targets is withdrawn. */
    public void removeGroup(ServiceReference<TargetGroup> reference) {
        if (others.remove(reference) != null) {
            updateLater();
        }
    }

    private static Stream<OtherContext> contexts(TargetGroup.Member other) {
        RoutingProperties routing = RoutingProperties.of(
                other.properties()::get, fault -> LOG.debug("no context of another target: {}", fault));
        return routing.contexts().stream().map(one -> new OtherContext(one.context(), one.host(), routing.name()));
    }

    private void updateLater() {
        try {
            registrar.execute(this::update);
        } catch (RejectedExecutionException e) {
            LOG.debug("the front stops", e);
        }
    }

    @Override
    public void foreignContexts(List<RoutedContext> contexts) {
        otherContexts = ContextTable.of(contexts.stream()
                .map(one -> new ContextTable.Entry<>(one.context(), one.host(), "other"))
                .toList());
    }

    /** The application of a request on a connection held here; null sends the connection back. */
    private Application find(String host, String path) {
        return table.find(host, path, otherContexts);
    }

    // ---- connections

    @Override
    public void take(Connection connection) {
        int descriptor = -1;
        UnusedBytes unused;
        try {
            descriptor = Descriptors.duplicate(connection.descriptor());
            unused = connection.unused().copy();
        } catch (IOException e) {
            tellUnserved(e);
            if (descriptor >= 0) {
                FrontLoop.close(new Socket(descriptor));
            }
            connection.answer(503);
            return;
        }
        connection.handedOff(ended -> {
            // The agent's own descriptor reports it too.
        });
        if (unused.rest().hasRemaining()) {
            // Until the engine counts them: whatever the monitor reads faster than a loop serves waits in memory.
            connection.keeps(unused.rest().remaining());
        }
        Collections.min(loops, Comparator.comparingInt(FrontLoop::load)).take(connection, descriptor, unused);
    }

    private void tellUnserved(IOException cause) {
        unserved.happens();
        long times = unserved.take(System.nanoTime());
        if (times > 0) {
            LOG.error(
                    "{} connections for LRWP peers were answered 503: {}. Raise the limit of open files (ulimit -n) of "
                            + "Karaf's process",
                    times,
                    cause.getMessage());
        }
    }

    /** The engine reads by itself, which delays no other request. */
    @Override
    public boolean takesUnread() {
        return true;
    }

    /** Withdraws the contexts, answers requests in flight, and gives the connections back. */
    @Deactivate
    public void stop() {
        try {
            loop.submit(() -> agent.remove(this)).get();
            registrar
                    .submit(() -> registrations.update(List.of(), Map.of(), List.of(), agent.settings(), none -> {
                        // The table stays as it is, for requests in flight.
                    }))
                    .get();
            registrar.shutdown();
            CompletableFuture<Void> answered =
                    CompletableFuture.allOf(loops.stream().map(FrontLoop::drain).toArray(CompletableFuture[]::new));
            if (running.isBroken()) {
                LOG.warn(
                        "{} connections of clients end with the agent's loops: their requests were not answered",
                        loops.stream().mapToInt(FrontLoop::undrained).sum());
            } else {
                answered.get(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (TimeoutException e) {
            LOG.warn("Requests for LRWP applications are cut: they took longer than {} s", STOP_SECONDS);
        } catch (ExecutionException e) {
            LOG.error("The LRWP agent does not stop in order", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.forEach(FrontLoop::close);
    }
}
