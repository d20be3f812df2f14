package org.handoff.itests.handlers.rarelogging;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Logs by the APIs whose loggers are of these classes, which Karaf has and the tests have not. */
@Component
@HandoffContext("/rarelogging")
public class RareLogging implements Handler {

    /** The packages to import. */
    public static final String PACKAGES = "org.apache.log4j,org.jboss.logging";

    @Override
    public void handle(Request request, Response response) throws ReflectiveOperationException {
        for (String packageName : PACKAGES.split(",")) {
            Class<?> type = Class.forName(packageName + ".Logger");
            Object logger = type.getMethod("getLogger", String.class).invoke(null, "shop.rare");
            type.getMethod("debug", Object.class).invoke(logger, "debug of " + packageName);
            type.getMethod("info", Object.class).invoke(logger, "info of " + packageName);
        }
        response.send("logged");
    }
}
