package org.handoff.http.internal.response;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

import org.handoff.http.internal.head.ResponseHead;
import org.handoff.worker.api.EventStream;

/** Server-sent events: the events are chunks of a response without an end of its own. */
final class LaterEvents implements EventStream {

    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

    private final LaterResponse later;

    LaterEvents(LaterResponse later, ResponseHead head) {
        this.later = later;
        head.set("Content-Type", "text/event-stream");
        head.set("Cache-Control", "no-store");
        later.limit(later.longest(), later::end);
        later.submit(0, () -> later.beginStream(head));
    }

    @Override
    public boolean send(String id, String event, String data) {
        StringBuilder text = new StringBuilder(data.length() + 32);
        field(text, "id", id);
        field(text, "event", event);
        for (String line : LINE_END.split(data, -1)) {
            text.append("data: ").append(line).append('\n');
        }
        byte[] bytes = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        return later.submit(bytes.length, () -> later.write(bytes));
    }

    private static void field(StringBuilder text, String name, String value) {
        if (value != null) {
            if (LINE_END.matcher(value).find() || value.indexOf(0) >= 0) {
                throw new IllegalArgumentException("The " + name + " of an event is one line");
            }
            text.append(name).append(": ").append(value).append('\n');
        }
    }

    @Override
    public void close() {
        later.submit(0, later::end);
    }

    @Override
    public boolean isOpen() {
        return later.isOpen();
    }

    @Override
    public void onEnd(Runnable task) {
        later.onEnd(task);
    }
}
