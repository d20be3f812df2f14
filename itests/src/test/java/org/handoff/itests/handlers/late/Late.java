package org.handoff.itests.handlers.late;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/**
 * Answers when the test lets it, and then much: connects to the port that is the query's first number, waits until the
 * test ends that connection, and streams as many zeros as the second number says.
 */
@Component
@HandoffContext("/late")
public class Late implements Handler {

    @Override
    public void handle(Request request, Response response) throws IOException {
        if (request.query().isEmpty()) {
            response.send("nothing to wait for");
            return;
        }
        String[] numbers = request.query().split("-");
        try (Socket test = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(numbers[0]))) {
            test.getInputStream().readAllBytes();
        }
        byte[] block = new byte[1024];
        try (OutputStream out = response.stream()) {
            for (int left = Integer.parseInt(numbers[1]); left > 0; left -= block.length) {
                out.write(block, 0, Math.min(left, block.length));
            }
        }
    }
}
