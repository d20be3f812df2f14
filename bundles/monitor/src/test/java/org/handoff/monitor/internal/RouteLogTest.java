package org.handoff.monitor.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

class RouteLogTest {

    private static final RouteLog.Key KEY = new RouteLog.Key("h.org", "/x", "lrwp");
    private static final RouteLog.State SHADOWED = new RouteLog.State("shadowed", "pool p has this context");
    private static final String BEGINS = "Context h.org/x of lrwp: shadowed: pool p has this context";
    private static final String ENDS = "Context h.org/x of lrwp: no longer shadowed";

    private final List<String> lines = new ArrayList<>();
    private final RouteLog log = new RouteLog(lines::add);
    private long now = -1;

    @Test
    void aStateIsLoggedWhenItBeginsAndWhenItEnds() {
        begin();
        begin();
        pass(500);
        assertEquals(List.of(BEGINS), lines);
        end();
        pass(500);
        assertEquals(List.of(BEGINS, ENDS), lines);
        log.update(Map.of(KEY, new RouteLog.State("expected", "its bundle has stopped")), now);
        begin();
        assertEquals(
                List.of(
                        "Context h.org/x of lrwp: expected: its bundle has stopped",
                        ENDS.replace("shadowed", "expected")),
                lines.subList(2, lines.size()),
                "the next one has begun within the minute");
        pass(60);
        assertEquals(BEGINS, lines.get(4));
    }

    @Test
    void aStateThatComesAndGoesIsLoggedOnceAMinute() {
        for (int i = 0; i < 600; i++) {
            begin();
            end();
            pass(1);
        }
        assertEquals(20, lines.size(), "ten beginnings, and their ends");
        begin();
        pass(60);
        assertEquals(BEGINS, lines.get(20), "the one that lasts");
        assertEquals(21, lines.size());
    }

    private void begin() {
        log.update(Map.of(KEY, SHADOWED), now);
    }

    private void end() {
        log.update(Map.of(), now);
    }

    /** Time passes, in which the log is looked after each second. */
    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            now += TimeUnit.SECONDS.toNanos(1);
            log.look(now);
        }
    }
}
