package org.handoff.worker.api.guide;

import java.util.List;
import java.util.Optional;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

class Search implements Handler {

    // GET /search?q=blue+sky&tag=a&tag=b&page=2
    @Override
    public void handle(Request request, Response response) {
        String query = request.queryParameters().required("q");
        List<String> tags = request.queryParameters().all("tag");
        long page = request.queryParameters().number("page").orElse(1);
        Optional<String> session = request.cookie("session");

        MediaType html = MediaType.of("text/html; charset=utf-8");
        MediaType text = MediaType.of("text/plain; charset=utf-8");
        MediaType type = request.preferred(html, text).orElseThrow(() -> new HttpException(406, "HTML or text"));

        response.contentType(type.toString())
                .send(query + tags + " page " + page + " for " + session.orElse("a guest"));
    }
}
