package org.handoff.worker.runtime.bundles;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.apache.commons.logging.LogFactory;
import org.apache.logging.log4j.LogManager;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Logs by each API, under a name of its own: something to find errors by, and an error. */
// OSGi's log service has an older form, which bundles use as well.
@SuppressWarnings("deprecation")
public class Logging implements Handler {

    @Override
    public void handle(Request request, Response response) {
        Exception why = new IllegalStateException("K\u00e4se", new IOException("no milk"));
        LoggerFactory.getLogger("by.slf4j").debug("{} searched", 1);
        MDC.put("order", "\u20ac 7");
        LoggerFactory.getLogger("by.slf4j").error("{} failed", "caf\u00e9", why);
        MDC.clear();
        Logger.getLogger("by.jul").fine("searched");
        Logger.getLogger("by.jul").log(Level.SEVERE, "failed", why);
        LogManager.getLogger("by.log4j").debug("{} searched", 1);
        LogManager.getLogger("by.log4j").error("failed", why);
        LogFactory.getLog("by.jcl").debug("searched");
        LogFactory.getLog("by.jcl").error("failed", why);
        LogService osgi = osgi();
        osgi.getLogger("by.osgi").debug("{} searched", 1);
        osgi.getLogger("by.osgi").error("{} failed", 2, why);
        osgi.getLogger("by.formatter", FormatterLogger.class).warn("%05d failed", 2, why);
        osgi.log(LogService.LOG_INFO, "in the older form");
        System.out.println("plain caf\u00e9");
        response.send("logged");
    }

    private static LogService osgi() {
        BundleContext context = FrameworkUtil.getBundle(Logging.class).getBundleContext();
        return context.getService(context.getServiceReference(LogService.class));
    }
}
