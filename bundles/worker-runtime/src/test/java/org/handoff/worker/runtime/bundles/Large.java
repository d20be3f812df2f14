package org.handoff.worker.runtime.bundles;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Sends a large body in the way that its query names. */
public class Large implements Handler {

    /** More than the system keeps for a client that does not read. */
    public static final int BYTES = 12_000_000;

    /** The body. */
    public static byte[] body() {
        byte[] body = new byte[BYTES];
        new Random(BYTES).nextBytes(body);
        return body;
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        switch (request.query()) {
            case "whole" -> response.send(body());
            case "stream" -> response.stream().write(body());
            default -> {
                Path file = Files.write(Files.createTempFile("large", null), body());
                response.send(file);
                Files.delete(file);
            }
        }
    }
}
