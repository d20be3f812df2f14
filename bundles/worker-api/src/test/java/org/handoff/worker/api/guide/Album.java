package org.handoff.worker.api.guide;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Part;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

class Album implements Handler {

    private final Path folder;

    Album(Path folder) {
        this.folder = folder;
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        String title = "";
        int photos = 0;
        for (Part part : request.parts()) {
            switch (part.name()) {
                case "title" -> title = part.text();
                case "photo" -> {
                    try (InputStream content = part.content()) {
                        Files.copy(content, folder.resolve(UUID.randomUUID() + ".jpg"));
                    }
                    photos++;
                }
                default -> {
                    // Not of interest.
                }
            }
        }
        response.send(title + ": " + photos + " photos");
    }
}
