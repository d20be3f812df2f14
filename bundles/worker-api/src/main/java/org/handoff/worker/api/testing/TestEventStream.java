package org.handoff.worker.api.testing;

import java.nio.charset.StandardCharsets;

import org.handoff.worker.api.EventStream;

/** Events as the body of a response. */
record TestEventStream(TestResponse response) implements EventStream {

    @Override
    public boolean send(String id, String event, String data) {
        StringBuilder text = new StringBuilder();
        if (id != null) {
            text.append("id: ").append(id).append('\n');
        }
        if (event != null) {
            text.append("event: ").append(event).append('\n');
        }
        data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
        return response.append(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        response.leave();
    }

    @Override
    public boolean isOpen() {
        return !response.hasEnded();
    }

    @Override
    public void onEnd(Runnable task) {
        response.whenEnded(task);
    }
}
