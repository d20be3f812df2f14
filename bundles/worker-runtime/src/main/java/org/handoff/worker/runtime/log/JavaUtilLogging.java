package org.handoff.worker.runtime.log;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.LogLevels;

/**
 * The configuration of java.util.logging, made by the JVM when a handler first uses that: it costs nothing before. Its
 * records become entries, and its loggers have the levels of all others.
 */
public final class JavaUtilLogging {

    private static final String CLASS = "java.util.logging.config.class";

    /** Those with a level of their own: the JVM forgets loggers that nobody has. */
    private Map<String, Logger> named;

    private LogLevels first;

    /** For the JVM. */
    public JavaUtilLogging() {
        WorkerLoggers.ALL.listen(this::levels);
    }

    /** Makes the JVM use this class, unless the pool's options name another configuration. */
    public static void install() {
        if (System.getProperty(CLASS) == null && System.getProperty("java.util.logging.config.file") == null) {
            System.setProperty(CLASS, JavaUtilLogging.class.getName());
        }
    }

    private void levels(LogLevels levels) {
        if (first == null) {
            first = levels;
            configure();
            return;
        }
        if (named == null) {
            // At the start the JVM is not far enough for loggers.
            named = loggers(first);
        }
        Map<String, Logger> former = named;
        named = loggers(levels);
        Logger.getLogger("").setLevel(threshold(levels.root()));
        named.forEach((name, logger) -> logger.setLevel(threshold(levels.named().get(name))));
        former.forEach((name, logger) -> {
            if (!named.containsKey(name)) {
                logger.setLevel(null);
            }
        });
    }

    private static Map<String, Logger> loggers(LogLevels levels) {
        Map<String, Logger> loggers = new HashMap<>();
        levels.named().keySet().forEach(name -> loggers.put(name, Logger.getLogger(name)));
        return loggers;
    }

    private void configure() {
        Properties properties = new Properties();
        properties.put("handlers", JulHandler.class.getName());
        properties.put(".level", threshold(first.root()).getName());
        first.named()
                .forEach((name, level) ->
                        properties.put(name + ".level", threshold(level).getName()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            properties.store(bytes, null);
            LogManager.getLogManager().readConfiguration(new ByteArrayInputStream(bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException("java.util.logging does not take its configuration", e);
        }
    }

    private static Level threshold(LogLevel level) {
        return switch (level) {
            case TRACE -> Level.ALL;
            case DEBUG -> Level.FINER;
            case INFO -> Level.CONFIG;
            case WARN -> Level.WARNING;
            case ERROR -> Level.SEVERE;
            case OFF -> Level.OFF;
        };
    }
}
