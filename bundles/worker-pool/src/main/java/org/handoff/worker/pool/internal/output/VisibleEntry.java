package org.handoff.worker.pool.internal.output;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.Thrown;

/**
 * Makes the texts of a worker's log entry visible, and cuts them to the numbers of characters that an entry has: Karaf
 * keeps hundreds of entries in memory, and an escaped character is six.
 */
final class VisibleEntry {

    private int room = LogEntry.ALL;
    private int frames = Thrown.FRAMES;

    private VisibleEntry() {}

    static LogEntry of(LogEntry entry) {
        VisibleEntry made = new VisibleEntry();
        return new LogEntry(
                entry.level(),
                entry.millis(),
                made.line(entry.thread(), LogEntry.NAME),
                made.line(entry.logger(), LogEntry.NAME),
                made.lines(entry.message(), LogEntry.MESSAGE),
                made.context(entry.context()),
                entry.thrown() == null ? null : made.thrown(entry.thrown()));
    }

    private Map<String, String> context(Map<String, String> context) {
        Map<String, String> visible = new LinkedHashMap<>();
        context.forEach((key, value) -> {
            if (room > 0) {
                visible.put(line(key, LogEntry.NAME), line(value, LogEntry.VALUE));
            }
        });
        return visible;
    }

    private Thrown thrown(Thrown thrown) {
        String text = lines(thrown.text(), Thrown.TEXT);
        List<String> trace = new ArrayList<>();
        for (String frame : thrown.frames()) {
            if (frames == 0 || room == 0) {
                trace.add("… " + (thrown.frames().size() - trace.size()) + " more");
                break;
            }
            frames--;
            trace.add(line(frame, Thrown.FRAME));
        }
        Thrown cause = thrown.cause() == null || room == 0 ? null : thrown(thrown.cause());
        List<Thrown> suppressed = new ArrayList<>();
        for (Thrown one : thrown.suppressed()) {
            if (room > 0) {
                suppressed.add(thrown(one));
            }
        }
        return new Thrown(text, trace, thrown.common(), cause, suppressed);
    }

    private String line(String text, int most) {
        int length = Math.min(most, room);
        return taken(LogEntry.cut(VisibleText.of(LogEntry.cut(text, length)), length));
    }

    private String lines(String text, int most) {
        int length = Math.min(most, room);
        return taken(LogEntry.cut(VisibleText.ofLines(LogEntry.cut(text, length)), length));
    }

    private String taken(String text) {
        room = Math.max(0, room - text.length());
        return text;
    }
}
