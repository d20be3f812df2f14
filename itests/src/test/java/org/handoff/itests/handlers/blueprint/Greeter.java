package org.handoff.itests.handlers.blueprint;

import java.util.function.Supplier;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** A bean that answers with the greeting of a service, and its process. */
public class Greeter implements Handler {

    private final Supplier<String> greeting;

    /** Called by the Blueprint container. */
    public Greeter(Supplier<String> greeting) {
        this.greeting = greeting;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(greeting.get() + " from worker process "
                + ProcessHandle.current().pid() + "\n");
    }
}
