package org.handoff.monitor.internal;

import java.lang.annotation.Annotation;
import java.util.Map;

import org.handoff.monitor.api.Target;

/** The real monitor on a free port. In its package, which is not open to others: only the framework makes monitors. */
public final class PoolTestMonitor implements AutoCloseable {

    /** What those do who need the monitor, when it has been made known, and when it is withdrawn. */
    public volatile Runnable published = () -> {};

    public volatile Runnable withdrawn = () -> {};

    public final MonitorComponent component = new MonitorComponent(new Config(), monitor -> {
        published.run();
        return () -> withdrawn.run();
    });

    public int port() {
        String listener = component.status().listener();
        return Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
    }

    /** Registers a target service, as the framework does. */
    public void add(Target target, long service, String context) {
        component.addTarget(target, Map.of("service.id", service, Target.CONTEXT, context));
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
