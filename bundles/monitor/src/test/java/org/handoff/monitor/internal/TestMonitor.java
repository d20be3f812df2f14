package org.handoff.monitor.internal;

import java.lang.annotation.Annotation;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.handoff.monitor.api.Monitor;
import org.handoff.monitor.api.Target;

/** The real monitor on a free port, with what tests ask of it. */
final class TestMonitor implements AutoCloseable {

    final MonitorComponent component;

    TestMonitor() {
        this("25%");
    }

    /** @param memory as the key of that name */
    TestMonitor(String memory) {
        this(memory, monitor -> () -> {});
    }

    /** @param publisher as for {@link MonitorComponent} */
    TestMonitor(String memory, Function<Monitor, Runnable> publisher) {
        component = new MonitorComponent(new Config("127.0.0.1", 0, 20, 75, memory), publisher);
    }

    int port() {
        String listener = component.status().listener();
        return Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
    }

    void configure(int port, int headSeconds, int idleSeconds) {
        component.configure(new Config("127.0.0.1", port, headSeconds, idleSeconds, "25%"), Map.of());
    }

    void configure(String address, int port) {
        component.configure(new Config(address, port, 20, 75, "25%"), Map.of());
    }

    /** Registers a target service, as the framework does. */
    void add(Target target, long service, String... contexts) {
        component.addTarget(
                target, Map.of("service.id", service, Target.CONTEXT, contexts, Target.NAME, "t" + service));
    }

    void remove(long service) {
        component.targetGone(Map.of("service.id", service), false);
    }

    void onLoop(Runnable task) throws Exception {
        component.loop().submit(task).get(RawClient.DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private record Config(String address, int port, int head_timeout, int idle_timeout, String memory)
            implements MonitorConfig {

        @Override
        public Class<? extends Annotation> annotationType() {
            return MonitorConfig.class;
        }
    }

    @Override
    public void close() {
        component.stop();
    }
}
