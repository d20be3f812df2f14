package org.handoff.itests.handlers.gate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/**
 * Answers when the test lets it: connects to the port in the query, tells the test there which process handles the
 * request, and waits until the test ends that connection. Answers its process.
 */
@Component
@HandoffContext("/gate")
public class Gate implements Handler {

    @Override
    public void handle(Request request, Response response) throws IOException {
        try (Socket test = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(request.query()))) {
            test.getOutputStream().write((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
            test.getInputStream().readAllBytes();
        }
        response.send("worker process " + ProcessHandle.current().pid() + " answered");
    }
}
