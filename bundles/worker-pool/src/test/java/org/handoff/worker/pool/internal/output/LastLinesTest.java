package org.handoff.worker.pool.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

/** The last lines of processes, in memory. */
class LastLinesTest {

    @Test
    void areTheLastTwoHundred() {
        LastLines lines = new LastLines(new LastLines.Room(1 << 20));
        for (int i = 0; i < 1000; i++) {
            lines.add("line " + i);
        }
        assertEquals(200, lines.lines().size());
        assertEquals("line 800", lines.lines().get(0));
        assertEquals("line 999", lines.lines().get(199));
    }

    @Test
    void areBoundedForAllTogetherAtTheCostOfTheOneWithTheMost() {
        LastLines.Room room = new LastLines.Room(10_000);
        LastLines quiet = new LastLines(room);
        LastLines loud = new LastLines(room);
        quiet.add("quiet");
        for (int i = 0; i < 100; i++) {
            loud.add("x".repeat(1000));
        }
        assertEquals(List.of("quiet"), quiet.lines());
        assertEquals(4, loud.lines().size());
        loud.add("y".repeat(100_000));
        assertTrue(loud.lines().isEmpty());
        assertEquals(List.of("quiet"), quiet.lines());
    }
}
