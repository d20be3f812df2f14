package org.handoff.monitor.internal;

import java.lang.annotation.Annotation;
import java.util.Map;

import org.handoff.monitor.api.Target;

/** The real monitor on a free port. In its package, which is not open to others: only the framework makes monitors. */
public final class LrwpTestMonitor implements AutoCloseable {

    public final MonitorComponent component = new MonitorComponent(new Config(), monitor -> () -> {});

    public int port() {
        String listener = component.status().listener();
        return Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
    }

    /** Registers a target service, as the framework does. */
    public void add(Target target, Map<String, Object> properties) {
        component.addTarget(target, properties);
    }

    /** Withdraws it. */
    public void remove(Target target, Map<String, Object> properties) {
        component.targetGone(properties, false);
    }

    @Override
    public void close() {
        component.stop();
    }

    private record Config() implements MonitorConfig {

        @Override
        public String address() {
            return "127.0.0.1";
        }

        @Override
        public int port() {
            return 0;
        }

        @Override
        public int head_timeout() {
            return 20;
        }

        @Override
        public int idle_timeout() {
            return 75;
        }

        @Override
        public String memory() {
            return "25%";
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return MonitorConfig.class;
        }
    }
}
