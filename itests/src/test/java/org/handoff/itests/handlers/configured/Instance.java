package org.handoff.itests.handlers.configured;

import java.util.Map;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** One for each configuration of a factory, which says its context. */
@Component(configurationPid = Instance.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@HandoffContext(Instance.CONTEXT)
public class Instance implements Handler {

    public static final String PID = "org.handoff.test.instance";
    public static final String CONTEXT = "/configured/instance";

    private final Object words;

    @Activate
    public Instance(Map<String, Object> properties) {
        words = properties.get("words");
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(request.context() + " " + words);
    }
}
