package org.handoff.itests.handlers.configured;

import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.stream.Collectors;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ManagedService;

/** Without Declarative Services: answers its configuration, and what else its process knows. */
public class Managed implements BundleActivator, ManagedService, Handler {

    public static final String PID = "org.handoff.test.managed";
    public static final String CONTEXT = "/configured/managed";
    /** Asks for the PIDs of all configurations. */
    public static final String PIDS = CONTEXT + "/pids";
    /** Asks for a system property; its name follows. */
    public static final String PROPERTY = CONTEXT + "/property?";
    /** Asks for a variable of the environment; its name follows. */
    public static final String VARIABLE = CONTEXT + "/variable?";

    private BundleContext context;
    private ServiceRegistration<Handler> registration;
    private volatile Object words;

    @Override
    public void start(BundleContext own) {
        context = own;
        own.registerService(ManagedService.class, this, new Hashtable<>(Map.of(Constants.SERVICE_PID, PID)));
    }

    @Override
    public void stop(BundleContext own) {
        // The framework unregisters what is left.
    }

    @Override
    public synchronized void updated(Dictionary<String, ?> properties) {
        words = properties == null ? "none" : properties.get("words");
        if (registration == null) {
            registration = context.registerService(
                    Handler.class, this, new Hashtable<>(Map.of(HandoffContext.PROPERTY, CONTEXT)));
        }
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        if (request.path().equals(PIDS)) {
            Configuration[] all = context.getService(context.getServiceReference(ConfigurationAdmin.class))
                    .listConfigurations(null);
            response.send(Arrays.stream(all == null ? new Configuration[0] : all)
                    .map(Configuration::getPid)
                    .sorted()
                    .collect(Collectors.joining(" ")));
        } else if (request.query().isEmpty()) {
            response.send(String.valueOf(words));
        } else if (VARIABLE.startsWith(request.path())) {
            response.send(String.valueOf(System.getenv(request.query())));
        } else {
            response.send(String.valueOf(System.getProperty(request.query())));
        }
    }
}
