package org.handoff.http.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

class ComplaintTest {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final Complaint complaint = new Complaint();

    @Test
    void toldAtOnceAndThenOnceAMinuteWithHowOftenItWas() {
        long now = -1;
        assertEquals(0, complaint.take(now));
        complaint.happens();
        assertEquals(1, complaint.take(now));
        complaint.happens();
        complaint.happens();
        assertEquals(0, complaint.take(now + MINUTE - 1));
        assertEquals(2, complaint.take(now + MINUTE));
        assertEquals(0, complaint.take(now + 2 * MINUTE));
        complaint.happens();
        assertEquals(1, complaint.take(now + 2 * MINUTE));
        assertEquals(4, complaint.times());
    }
}
