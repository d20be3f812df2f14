package org.handoff.worker.runtime.bundles;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;

import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Answers later: with events, or when the connection that it makes to the port in the query ends. */
public class Later implements Handler {

    @Override
    public void handle(Request request, Response response) {
        if (request.query().isEmpty()) {
            response.events().send("begin");
            return;
        }
        int port = Integer.parseInt(request.query());
        AsyncResponse later = response.async(Duration.ofHours(1), 204);
        Thread thread = new Thread(() -> answer(later, port));
        thread.setDaemon(true);
        thread.start();
    }

    private static void answer(AsyncResponse later, int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getInputStream().read();
            later.send("sent");
        } catch (IOException e) {
            later.send(e.toString());
        }
    }
}
