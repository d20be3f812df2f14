package org.handoff.itests.handlers.logging;

import java.io.IOException;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.logging.log4j.LogManager;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.slf4j.MDC;

/** Logs by four APIs: that the request came, and that it failed. */
@Component
@HandoffContext("/logging")
public class Logging implements Handler {

    private static final String NAME = "shop.by.";

    private final Logger osgi;

    @Activate
    public Logging(@Reference LoggerFactory loggers) {
        osgi = loggers.getLogger(NAME + "osgi");
    }

    @Deactivate
    void end() {
        osgi.warn("deactivated");
    }

    @Override
    public void handle(Request request, Response response) {
        IllegalStateException why = new IllegalStateException("no caf\u00e9", new IOException("no milk"));
        MDC.put("order", "7 \u20ac");
        org.slf4j.LoggerFactory.getLogger(NAME + "slf").debug("{} has come", request.query());
        org.slf4j.LoggerFactory.getLogger(NAME + "slf").error("{} failed\nby slf", request.query(), why);
        MDC.clear();
        java.util.logging.Logger.getLogger(NAME + "jul").fine(request.query() + " has come");
        java.util.logging.Logger.getLogger(NAME + "jul").log(Level.SEVERE, "{0} failed", request.query());
        LogManager.getLogger(NAME + "logfourj").debug("{} has come", request.query());
        LogManager.getLogger(NAME + "logfourj").error("{} failed", request.query(), why);
        osgi.debug("{} has come", request.query());
        osgi.error("{} failed", request.query(), why);
        System.out.println("caf\u00e9 for " + request.query());
        response.send(ProcessHandle.current().pid() + " " + System.getProperty("file.encoding") + " "
                + System.getProperty("sun.jnu.encoding") + " " + debugging());
    }

    /** The loggers that have the level DEBUG. */
    private String debugging() {
        return Stream.of(
                        Map.entry(
                                "slf",
                                org.slf4j.LoggerFactory.getLogger(NAME + "slf").isDebugEnabled()),
                        Map.entry(
                                "jul",
                                java.util.logging.Logger.getLogger(NAME + "jul").isLoggable(Level.FINE)),
                        Map.entry(
                                "logfourj",
                                LogManager.getLogger(NAME + "logfourj").isDebugEnabled()),
                        Map.entry("osgi", osgi.isDebugEnabled()))
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(",", "[", "]"));
    }
}
