package org.handoff.itests.handlers.large;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

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

    private static final int NOISE = 1_000_003;
    private static final int PIECE = 100_000;

    private final byte[] noise = noise();

    /** What each body repeats, from some place on. */
    public static byte[] noise() {
        byte[] noise = new byte[NOISE];
        new Random(NOISE).nextBytes(noise);
        return noise;
    }

    /** The place in the noise of a byte of a body. */
    public static int place(String name, long at) {
        return (int) ((at + (name.hashCode() & 0xfffff)) % NOISE);
    }

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
            case "whole" -> {
                byte[] body = new byte[length];
                fill(body, query[0], 0, length);
                response.send(body);
            }
            case "stream" -> write(response.stream(), query[0], length);
            default -> {
                Path file = Files.createTempFile(folder, "body", null);
                try (OutputStream out = Files.newOutputStream(file)) {
                    write(out, query[0], length);
                }
                response.send(file);
                Files.delete(file);
            }
        }
    }

    private void write(OutputStream out, String name, int length) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int at = 0; at < length; at += PIECE) {
            int count = Math.min(PIECE, length - at);
            fill(piece, name, at, count);
            out.write(piece, 0, count);
        }
    }

    private void fill(byte[] piece, String name, int at, int count) {
        for (int done = 0; done < count; ) {
            int from = place(name, at + done);
            int some = Math.min(count - done, NOISE - from);
            System.arraycopy(noise, from, piece, done, some);
            done += some;
        }
    }
}
