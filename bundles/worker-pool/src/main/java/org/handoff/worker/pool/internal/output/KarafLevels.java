package org.handoff.worker.pool.internal.output;

import java.io.IOException;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.LogLevels;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.SynchronousConfigurationListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The levels of loggers in Karaf's logging configuration, etc/org.ops4j.pax.logging.cfg, which {@code log:set} changes
 * too. A configuration that refers to a file of Log4j's or Logback's own has none of them here.
 */
public final class KarafLevels implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KarafLevels.class);

    private static final String PID = "org.ops4j.pax.logging";
    private static final String ROOT = "log4j2.rootLogger";
    private static final String LOGGER = "log4j2.logger.";
    private static final String NAME = ".name";
    private static final String LEVEL = ".level";

    private final BundleContext context;
    private final ConfigurationAdmin configurations;
    private final Consumer<LogLevels> told;
    /** Null before it is open. */
    private ServiceRegistration<?> registration;

    /** @param told gets the levels, at first and at each change, on the thread that changes them */
    public KarafLevels(BundleContext context, ConfigurationAdmin configurations, Consumer<LogLevels> told) {
        this.context = context;
        this.configurations = configurations;
        this.told = told;
    }

    public void open() {
        registration = context.registerService(SynchronousConfigurationListener.class, this::changed, null);
        tell();
    }

    private void changed(ConfigurationEvent event) {
        if (event.getPid().equals(PID)) {
            tell();
        }
    }

    private synchronized void tell() {
        try {
            Configuration[] found = configurations.listConfigurations("(service.pid=" + PID + ")");
            told.accept(found == null ? LogLevels.DEFAULT : levels(found[0].getProcessedProperties(null)));
        } catch (IOException | InvalidSyntaxException | IllegalStateException e) {
            LOG.warn("The workers' loggers keep their levels, as the configuration {} cannot be read", PID, e);
        }
    }

    /** @param configuration null for one that nobody has given properties */
    static LogLevels levels(Dictionary<String, Object> configuration) {
        if (configuration == null) {
            return LogLevels.DEFAULT;
        }
        Map<String, LogLevel> named = new HashMap<>();
        for (String key : Collections.list(configuration.keys())) {
            if (key.startsWith(LOGGER) && key.endsWith(NAME)) {
                String logger = key.substring(0, key.length() - NAME.length());
                String name = String.valueOf(configuration.get(key)).strip();
                level(configuration, logger).ifPresent(level -> named.put(name, level));
            }
        }
        return new LogLevels(level(configuration, ROOT).orElse(LogLevels.DEFAULT.root()), named);
    }

    /** The level of a logger; in Log4j's short form it is the first of several words. */
    private static Optional<LogLevel> level(Dictionary<String, Object> configuration, String logger) {
        Object level = configuration.get(logger + LEVEL);
        Object words = level == null ? configuration.get(logger) : level;
        return words == null ? Optional.empty() : LogLevel.of(words.toString().split(",")[0]);
    }

    @Override
    public void close() {
        if (registration != null) {
            registration.unregister();
        }
    }
}
