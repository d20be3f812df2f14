package org.handoff.itests.handlers.news;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.EventStream;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Pool;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Sends events of a clock, waits for ever, reads a form, or says which process answers. */
@Component
@HandoffContext("/news")
@Pool("news")
public class News implements Handler {

    private static final long PID = ProcessHandle.current().pid();

    private final Queue<EventStream> streams = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    @Activate
    void start() {
        clock.scheduleAtFixedRate(this::tick, 20, 20, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        streams.forEach(stream -> stream.send("tick"));
    }

    @Deactivate
    void stop() {
        clock.shutdownNow();
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        switch (request.pathInfo()) {
            case "/events" -> {
                EventStream stream = response.events();
                stream.send(request.headers().first("Last-Event-ID").orElse("0"), "pid", Long.toString(PID));
                streams.add(stream);
                stream.onEnd(() -> streams.remove(stream));
            }
            case "/wait" -> {
                AsyncResponse later = response.async(Duration.ofHours(1), 204);
                later.header("X-Pid", Long.toString(PID));
            }
            case "/form" -> response.send(request.parts().get(0).text());
            default -> response.send(Long.toString(PID));
        }
    }
}
