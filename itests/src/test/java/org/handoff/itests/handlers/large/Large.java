package org.handoff.itests.handlers.large;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.handoff.itests.handlers.noise.Noise;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/**
 * Sends a large body: in one piece, streamed, or a file. Notes each request before it does anything else, in a file for
 * its process: what is written there has begun, even if the process is killed in the next instant. The query is the
 * request's name, how to send the body, and its length, with commas in between.
 */
@Component
@HandoffContext("/large")
public class Large implements Handler {

    private final Noise noise = new Noise();

    @Override
    public void handle(Request request, Response response) throws IOException {
        String[] query = request.query().split(",");
        Path folder = Path.of(request.headers().first("X-Folder").orElseThrow());
        Files.writeString(
                folder.resolve(Long.toString(ProcessHandle.current().pid())),
                query[0] + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        int length = Integer.parseInt(query[2]);
        switch (query[1]) {
            case "whole" -> response.send(noise.body(query[0], length));
            case "stream" -> noise.write(response.stream(), query[0], length);
            default -> {
                Path file = Files.createTempFile(folder, "body", null);
                try (OutputStream out = Files.newOutputStream(file)) {
                    noise.write(out, query[0], length);
                }
                response.send(file);
                Files.delete(file);
            }
        }
    }
}
