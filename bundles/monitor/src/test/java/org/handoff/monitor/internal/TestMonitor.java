package org.handoff.monitor.internal;

import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.handoff.monitor.api.Monitor;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.handoff.testkit.Await;

/**
 * The real monitor on a free port, with what tests ask of it; also for the tests of other bundles, from this one's jar
 * of tests. In the monitor's package, which is not open to others: only the framework makes monitors.
 */
public final class TestMonitor implements AutoCloseable {

    public final MonitorComponent component;

    public TestMonitor() {
        this("25%");
    }

    /** @param memory as the key of that name */
    TestMonitor(String memory) {
        this(memory, monitor -> () -> {});
    }

    /** @param publisher as for {@link MonitorComponent} */
    public TestMonitor(Function<Monitor, Runnable> publisher) {
        this("25%", publisher);
    }

    private TestMonitor(String memory, Function<Monitor, Runnable> publisher) {
        component = new MonitorComponent(new Config("127.0.0.1", 0, 20, 75, memory), publisher);
    }

    public int port() {
        String listener = component.status().listener();
        return Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
    }

    void configure(int port, int headSeconds, int idleSeconds) {
        component.configure(new Config("127.0.0.1", port, headSeconds, idleSeconds, "25%"), Map.of());
    }

    void configure(String address, int port) {
        component.configure(new Config(address, port, 20, 75, "25%"), Map.of());
    }

    /** Registers a group of this target alone, as the framework does. */
    public void add(Target target, long service, String... contexts) {
        Map<String, Object> properties = Map.of(Target.CONTEXT, contexts, Target.NAME, "t" + service);
        add(() -> List.of(new TargetGroup.Member(target, properties)), service);
    }

    /** Registers the service of a group of targets, as the framework does, or tells that its members have changed. */
    public void add(TargetGroup group, long service) {
        component.addGroup(group, Map.of("service.id", service));
    }

    /** Withdraws the service of a group. */
    public void remove(long service) {
        component.groupGone(Map.of("service.id", service), false);
    }

    /** Runs a task on the monitor's loop, and returns when it has run. */
    public void onLoop(Runnable task) throws Exception {
        onLoop(() -> {
            task.run();
            return null;
        });
    }

    /** Runs a task on the monitor's loop. @return its result */
    public <T> T onLoop(Callable<T> task) throws Exception {
        return component.loop().submit(task).get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
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
