package org.handoff.worker.runtime.bundles;

import java.net.InetAddress;
import java.net.Socket;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Connects to the port in its query, and answers once that connection is ended. */
public class Waiting implements Handler {

    @Override
    public void handle(Request request, Response response) throws Exception {
        try (Socket gate = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(request.query()))) {
            gate.getInputStream().read();
        }
        response.send("waited");
    }
}
