package org.handoff.worker.api.guide;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.EventStream;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

class News implements Handler {

    private final Queue<AsyncResponse> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<EventStream> streams = new ConcurrentLinkedQueue<>();

    @Override
    public void handle(Request request, Response response) {
        if (request.pathInfo().equals("/next")) {
            AsyncResponse later = response.async(Duration.ofSeconds(30), 204);
            waiting.add(later);
            later.onEnd(() -> waiting.remove(later));
        } else {
            EventStream stream = response.events();
            streams.add(stream);
            stream.onEnd(() -> streams.remove(stream));
        }
    }

    /** Called by any thread. */
    void publish(String id, String item) {
        for (AsyncResponse later = waiting.poll(); later != null; later = waiting.poll()) {
            later.send(item);
        }
        streams.forEach(stream -> stream.send(id, "news", item));
    }
}
