package org.handoff.itests.handlers.shelf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Sends a large file of zeros: much of a response for little of a processor. */
@Component
@HandoffContext("/shelf")
public class Shelf implements Handler {

    private static final long BYTES = 8_000_000;

    private final Path file = Files.createTempFile("shelf", ".bin");

    public Shelf() throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(BYTES);
        }
    }

    @Deactivate
    void delete() throws IOException {
        Files.delete(file);
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        response.send(file);
    }
}
