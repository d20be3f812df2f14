package org.handoff.monitor.internal;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import org.handoff.http.loop.GuardedLoop;
import org.handoff.http.loop.Listener;
import org.handoff.http.loop.SteadyIo;
import org.handoff.monitor.api.Monitor;

/** The event loop, the listener and the connections, from their start to their end. For any thread. */
final class RunningMonitor implements Monitor {

    private static final Listener.Purpose PURPOSE =
            new Listener.Purpose("Monitor", "etc/" + MonitorComponent.PID + ".cfg", "");

    private final GuardedLoop guarded;
    private final IoEventLoop loop;
    private final Connections connections;
    private Listener listener;

    /**
     * Starts the loop; nothing is listened to yet.
     *
     * @param failed told of an error that has reached the loop; then everything here has to end
     */
    RunningMonitor(Routes routes, Consumer<Throwable> failed) {
        guarded = new GuardedLoop("handoff-monitor", SteadyIo.newFactory(), failed);
        loop = guarded.loop();
        try {
            connections = onLoop(() -> new Connections(loop, routes));
        } catch (RuntimeException e) {
            guarded.close();
            throw e;
        }
    }

    @Override
    public IoEventLoop loop() {
        return loop;
    }

    /** Takes a configuration: connections live on, only the listener is replaced if its address changed. */
    void configure(MonitorSettings settings) {
        onLoop(() -> {
            connections.limits(settings.headSeconds(), settings.idleSeconds(), settings.memory());
            listen(settings.address());
            return null;
        });
    }

    private void listen(InetSocketAddress address) {
        if (isFor(address)) {
            return;
        }
        listener = listener == null ? null : listener.lasting();
        if (!isFor(address)) {
            listener = new Listener(PURPOSE, address, listener, loop, connections::accepted);
            listener.open();
        }
    }

    private boolean isFor(InetSocketAddress address) {
        return listener != null && listener.address().equals(address);
    }

    /** Takes the routes of the listeners of targets. */
    void listen(Map<String, Routes.Route> routes) {
        connections.ports.update(routes);
    }

    /** The problem of the listener for a context; empty if there is none. On the loop. */
    String problem(String context) {
        return connections.ports.problem(context);
    }

    private void stopListening() {
        connections.ports.close();
        if (listener != null) {
            listener.stop();
        }
    }

    /** Stops accepting, so that clients do not wait in vain. */
    void refuse() {
        onLoop(() -> {
            stopListening();
            return null;
        });
    }

    Connections.Counts counts() {
        return onLoop(connections::counts);
    }

    /** The state of the listener, or null for none. */
    String listening() {
        return onLoop(() -> listener == null ? null : listener.toString());
    }

    /** Stops accepting, ends the connections that no worker has, and the loop. */
    void close() {
        try {
            onLoop(() -> {
                stopListening();
                connections.close();
                return null;
            });
        } finally {
            guarded.close();
        }
    }

    /** @throws IllegalStateException if the loop does not run the task */
    <T> T onLoop(Callable<T> task) {
        try {
            return loop.submit(task).get();
        } catch (ExecutionException | RejectedExecutionException e) {
            throw new IllegalStateException("the monitor's loop refuses: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the monitor's loop", e);
        }
    }
}
