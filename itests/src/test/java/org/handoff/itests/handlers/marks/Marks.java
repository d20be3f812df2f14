package org.handoff.itests.handlers.marks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/**
 * Notes each request before it does anything else, in a file for its process: what is written there has begun, even if
 * the process is killed in the next instant. The request's body is the file's folder, its query the request's name; a
 * name that ends in 0 takes three milliseconds.
 */
@Component
@HandoffContext("/marks")
public class Marks implements Handler {

    @Override
    public void handle(Request request, Response response) throws IOException, InterruptedException {
        String name = request.query();
        Path folder = Path.of(
                request.method().equals("POST")
                        ? new String(request.body().readAllBytes(), StandardCharsets.UTF_8)
                        : request.headers().first("X-Folder").orElseThrow());
        Files.writeString(
                folder.resolve(Long.toString(ProcessHandle.current().pid())),
                name + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        if (name.endsWith("0")) {
            Thread.sleep(3);
        }
        response.send(name + " worker process " + ProcessHandle.current().pid());
    }
}
