package org.handoff.worker.api.guide;

import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

class Reports implements Handler {

    private final Path folder;

    Reports(Path folder) {
        this.folder = folder;
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        String name = request.queryParameters().required("month");
        Path report = folder.resolve(name + ".csv");
        if (!name.matches("\\d{4}-\\d{2}") || !Files.exists(report)) {
            throw new HttpException(404, "no report for " + name);
        }
        response.header("Cache-Control", "max-age=3600");
        response.sendFile(request, report);
    }
}
