package org.handoff.benchmarks.answers;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** Answers as many contexts as its configuration gives it, so that routing has many to choose from. */
@Component(configurationPid = Many.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@HandoffContext({})
public class Many implements Handler {

    static final String PID = "org.handoff.benchmarks.answers.many";

    @Override
    public void handle(Request request, Response response) {
        response.send("one of many\n");
    }
}
