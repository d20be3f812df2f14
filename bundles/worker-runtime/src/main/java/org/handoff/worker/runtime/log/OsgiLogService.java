package org.handoff.worker.runtime.log;

import java.util.Map;

import org.handoff.worker.protocol.log.LogLevel;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** OSGi's log service, for one bundle. */
// LogService is the older form, which bundles use as well.
@SuppressWarnings("deprecation")
public final class OsgiLogService implements LogService {

    private static final Map<Integer, LogLevel> LEVELS = Map.of(
            LOG_ERROR, LogLevel.ERROR, LOG_WARNING, LogLevel.WARN, LOG_INFO, LogLevel.INFO, LOG_DEBUG, LogLevel.DEBUG);

    private final Bundle bundle;

    OsgiLogService(Bundle bundle) {
        this.bundle = bundle;
    }

    /** Registers the service. */
    public static void register(BundleContext context) {
        ServiceFactory<LogService> services = new ServiceFactory<>() {

            @Override
            public LogService getService(Bundle bundle, ServiceRegistration<LogService> registration) {
                return new OsgiLogService(bundle);
            }

            @Override
            public void ungetService(Bundle bundle, ServiceRegistration<LogService> registration, LogService service) {
                // Nothing is left of it.
            }
        };
        context.registerService(
                new String[] {LogService.class.getName(), LoggerFactory.class.getName()}, services, null);
    }

    @Override
    public Logger getLogger(String name) {
        return getLogger(name, Logger.class);
    }

    @Override
    public Logger getLogger(Class<?> type) {
        return getLogger(type, Logger.class);
    }

    @Override
    public <L extends Logger> L getLogger(Class<?> type, Class<L> loggerType) {
        return getLogger(type.getName(), loggerType);
    }

    @Override
    public <L extends Logger> L getLogger(String name, Class<L> loggerType) {
        return getLogger(bundle, name, loggerType);
    }

    @Override
    public <L extends Logger> L getLogger(Bundle of, String name, Class<L> loggerType) {
        if (loggerType != Logger.class && loggerType != FormatterLogger.class) {
            throw new IllegalArgumentException("There is no logger of the type " + loggerType.getName());
        }
        return loggerType.cast(new OsgiLogger(WorkerLoggers.ALL.getLogger(name), loggerType == FormatterLogger.class));
    }

    @Override
    public void log(int level, String message) {
        log(level, message, null);
    }

    @Override
    public void log(int level, String message, Throwable exception) {
        // A bundle without a manifest of OSGi has no symbolic name.
        String name = bundle.getSymbolicName();
        WorkerLogger logger = WorkerLoggers.ALL.getLogger(name == null ? "bundle-" + bundle.getBundleId() : name);
        LogLevel entry = LEVELS.getOrDefault(level, LogLevel.TRACE);
        if (logger.logs(entry)) {
            logger.write(entry, System.currentTimeMillis(), message, exception);
        }
    }

    @Override
    public void log(ServiceReference<?> service, int level, String message) {
        log(service, level, message, null);
    }

    @Override
    public void log(ServiceReference<?> service, int level, String message, Throwable exception) {
        log(level, service == null ? message : message + " (" + service + ")", exception);
    }
}
