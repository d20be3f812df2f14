package org.handoff.benchmarks.answers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/**
 * Answers as the programs in {@code benchmarks/side-by-side/answers} do, byte for byte. The file is the one that the
 * system property {@code answers.file} names.
 */
@Component
@HandoffContext("/answers")
public class Answers implements Handler {

    private static final Path FILE = Path.of(System.getProperty("answers.file"));
    private static final int SLOW_MILLIS = 10;

    @Override
    public void handle(Request request, Response response) throws IOException {
        response.contentType("text/plain");
        switch (request.pathInfo()) {
            case "/small" -> response.send("Twenty-eight bytes of text.\n");
            case "/bytes" -> response.send(bytes(request));
            case "/file" -> response.sendFile(request, FILE);
            case "/upload" -> response.send(request.body().readAllBytes().length + "\n");
            case "/slow" -> {
                sleep();
                response.send("slow\n");
            }
            default -> response.status(404).send("not here\n");
        }
    }

    private static byte[] bytes(Request request) {
        byte[] body = new byte[Integer.parseInt(request.queryParameters().required("bytes"))];
        Arrays.fill(body, (byte) 'x');
        return body;
    }

    private static void sleep() {
        try {
            Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
