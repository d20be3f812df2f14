package org.handoff.monitor.internal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.handoff.http.HeapShare;
import org.handoff.http.SteadyIo;
import org.handoff.monitor.api.Monitor;
import org.handoff.monitor.api.Target;
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

/** The monitor as a component: its event loop, its listener and its table of targets, and their configuration. */
@Component(service = {Monitor.class, MonitorComponent.class}, configurationPid = MonitorComponent.PID, immediate = true)
@Designate(ocd = MonitorConfig.class)
public final class MonitorComponent implements Monitor {

    static final String PID = "org.handoff.monitor";

    /** Less would not do for a few connections with as much as each of them may have. */
    private static final long LEAST_MEMORY = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(MonitorComponent.class);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1,
            new DefaultThreadFactory("handoff-monitor", true), SteadyIo.newFactory());
    private final IoEventLoop loop = group.next();
    private final Routes routes = new Routes(loop);
    private final Connections connections;
    private Listener listener;

    /** What {@code monitor:status} shows. */
    public record Status(String listener, int open, int parked, int held, long accepted, long handedOff,
            long answered, long memory, long memoryBound, long ended) {
    }

    /** What {@code monitor:contexts} shows of one context of one target service. */
    public record ContextStatus(String context, String host, String target, String problem) {
    }

    /** Starts the loop and the listener. */
    @Activate
    public MonitorComponent(MonitorConfig config) {
        try {
            connections = onLoop(() -> new Connections(loop, routes));
            configure(config);
        } catch (RuntimeException e) {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** Takes a changed configuration: connections live on, only the listener is replaced if its address changed. */
    @Modified
    void configure(MonitorConfig config) {
        InetSocketAddress address;
        long memory;
        try {
            address = address(config);
            memory = HeapShare.bytes("memory", config.memory(), LEAST_MEMORY);
        } catch (IllegalArgumentException e) {
            LOG.error("{} in etc/{}.cfg: {}", listener == null ? "Not listening" : "Nothing changed", PID,
                    e.getMessage());
            return;
        }
        onLoop(() -> {
            connections.limits(config.head_timeout(), config.idle_timeout(), memory);
            if (listener == null || !listener.address().equals(address)) {
                if (listener != null) {
                    listener.stop();
                }
                listener = new Listener(address, loop, connections::accepted);
                listener.open();
            }
            return null;
        });
    }

    /** Stops accepting, ends the connections that no worker has, and the loop. */
    @Deactivate
    void stop() {
        onLoop(() -> {
            if (listener != null) {
                listener.stop();
            }
            connections.close();
            return null;
        });
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            updated = "updatedTarget", unbind = "removeTarget")
    void addTarget(Target target, Map<String, Object> properties) {
        routes.put(target, properties);
    }

    void updatedTarget(Target target, Map<String, Object> properties) {
        routes.put(target, properties);
    }

    void removeTarget(Target target, Map<String, Object> properties) {
        routes.remove(properties);
    }

    @Override
    public IoEventLoop loop() {
        return loop;
    }

    /** The listener and the counts of connections, now. */
    public Status status() {
        return onLoop(() -> {
            Connections.Counts counts = connections.counts();
            return new Status(listener == null ? "not listening: see the log" : listener.toString(), counts.open(),
                    counts.parked(), counts.held(), counts.accepted(), counts.handedOff(), counts.answered(),
                    counts.memory(), counts.memoryBound(), counts.ended());
        });
    }

    /** All contexts, now, those with a problem too. What it shows, the targets have been told. */
    public List<ContextStatus> contexts() {
        return onLoop(() -> routes.all().stream()
                .map(route -> new ContextStatus(route.context(), route.host(), route.name(),
                        !route.problem().isEmpty() || routes.isServing(route) ? route.problem()
                                : "another target has this context"))
                .toList());
    }

    private static InetSocketAddress address(MonitorConfig config) {
        int port = between(0, 65535, "port", config::port);
        between(1, Integer.MAX_VALUE, "head.timeout", config::head_timeout);
        between(1, Integer.MAX_VALUE, "idle.timeout", config::idle_timeout);
        try {
            return new InetSocketAddress(InetAddress.getByName(config.address()), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address = " + config.address() + " is not an address of this machine",
                    e);
        }
    }

    private static int between(int least, int most, String key, IntSupplier configured) {
        int value;
        try {
            value = configured.getAsInt();
        } catch (RuntimeException e) {
            // The component runtime's, for what is not a number.
            throw new IllegalArgumentException(key + " is not a whole number: " + e.getMessage(), e);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " = " + value + " is not between " + least + " and " + most);
        }
        return value;
    }

    private <T> T onLoop(Callable<T> task) {
        try {
            return loop.submit(task).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the monitor's loop refuses", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the monitor's loop", e);
        }
    }
}
