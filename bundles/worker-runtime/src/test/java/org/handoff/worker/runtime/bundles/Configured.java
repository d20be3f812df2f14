package org.handoff.worker.runtime.bundles;

import java.util.Map;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Answers by its configuration. */
public class Configured implements Handler {

    private Map<String, Object> properties;

    public void activate(Map<String, Object> given) {
        properties = given;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(properties.get("service.pid") + " " + properties.get("words"));
    }
}
