package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.handoff.lrwp.agent.internal.config.LrwpConfig;
import org.handoff.lrwp.agent.internal.front.MonitorFront;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.Client;
import org.handoff.testkit.Fake;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** The real monitor, the real agent and the front between them, with as much of a framework as they need. */
final class Server implements AutoCloseable {

    final TestMonitor monitor = new TestMonitor();
    volatile AgentComponent agent;
    volatile MonitorFront front;
    volatile int restarts;
    private final int clientLoops;
    private final Map<String, Object> first;
    private final AtomicLong services = new AtomicLong();

    /** @param configuration keys and values in turn, beyond the defaults and a free port */
    Server(String... configuration) {
        this(2, configuration);
    }

    /** @param clientLoops the number of loops for clients only */
    Server(int clientLoops, String... configuration) {
        this.clientLoops = clientLoops;
        first = properties(configuration);
        start();
    }

    private void start() {
        agent = new AgentComponent(config(first), first, clientLoops, this::restart);
        front = new MonitorFront(context(), monitor.component::loop, agent);
        await("port for peers", () -> agent.port() > 0);
    }

    /** As the component runtime does it when a component is disabled and enabled. */
    private void restart() {
        front.stop();
        agent.stop();
        start();
        restarts++;
    }

    /** Changes the configuration. */
    void configure(String... configuration) {
        Map<String, Object> properties = properties(configuration);
        agent.configure(config(properties), properties);
    }

    private static Map<String, Object> properties(String... configuration) {
        Map<String, Object> properties = new HashMap<>(Map.of("port", "0"));
        for (int i = 0; i < configuration.length; i += 2) {
            properties.put(configuration[i], configuration[i + 1]);
        }
        return properties;
    }

    /** As the component runtime makes it of the keys and the annotation's defaults. */
    static LrwpConfig config(Map<String, Object> properties) {
        return (LrwpConfig) Proxy.newProxyInstance(
                LrwpConfig.class.getClassLoader(), new Class<?>[] {LrwpConfig.class}, (proxy, method, arguments) -> {
                    Object value = properties.get(method.getName().replace('_', '.'));
                    if (value == null) {
                        return method.getDefaultValue();
                    }
                    Class<?> type = method.getReturnType();
                    return type == int.class
                            ? (Object) Integer.valueOf(value.toString())
                            : type == boolean.class ? (Object) Boolean.valueOf(value.toString()) : value;
                });
    }

    private BundleContext context() {
        Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> "agent");
        return Fake.of(BundleContext.class, (method, arguments) -> switch (method) {
            case "getBundle" -> bundle;
            case "registerService" -> register((TargetGroup) arguments[1]);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private ServiceRegistration<?> register(TargetGroup group) {
        long service = services.incrementAndGet();
        monitor.add(group, service);
        return Fake.of(ServiceRegistration.class, (method, arguments) -> {
            if (method.equals("setProperties")) {
                monitor.add(group, service);
            } else {
                monitor.remove(service);
            }
            return null;
        });
    }

    /** A target of another bundle, for the monitor and for the agent; its end withdraws it. */
    AutoCloseable other(Target target, String context, String host) {
        long service = services.incrementAndGet();
        ServiceReference<TargetGroup> reference = reference(service);
        Map<String, Object> properties = Map.of(Target.CONTEXT, context, Target.HOST, host, Target.NAME, "pool test");
        TargetGroup group = () -> List.of(new TargetGroup.Member(target, properties));
        monitor.add(group, service);
        front.addGroup(reference, group);
        return () -> {
            monitor.remove(service);
            front.removeGroup(reference);
        };
    }

    @SuppressWarnings("unchecked")
    private static <T> ServiceReference<T> reference(long service) {
        Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> "other");
        return Fake.of(ServiceReference.class, (method, arguments) -> switch (method) {
            case "getBundle" -> bundle;
            case "hashCode" -> Long.hashCode(service);
            case "equals" -> true;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    Client client() throws IOException {
        return new Client(monitor.port());
    }

    /** A 1.0 peer that has been accepted. */
    TestPeer peer(String name) throws IOException {
        return peer(name, "");
    }

    TestPeer peer(String name, String host) throws IOException {
        TestPeer peer = new TestPeer(agent.port());
        peer.send(name + "\u00FF" + host + "\u00FF\u00FF");
        peer.expect("OK");
        return peer;
    }

    @Override
    public void close() {
        front.stop();
        agent.stop();
        monitor.close();
    }
}
