package org.handoff.itests.handlers.child;

import java.io.IOException;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Starts a process that outlives the worker, and answers its number; 500 where nobody asks for one. */
@Component
@HandoffContext("/child")
public class Child implements Handler {

    @Override
    public void handle(Request request, Response response) throws IOException {
        if (!request.query().equals("start")) {
            response.status(500).send("nothing to start");
            return;
        }
        Process child = new ProcessBuilder("sleep", "600")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        response.send("child process " + child.pid() + " of worker process "
                + ProcessHandle.current().pid());
    }
}
