package org.handoff.worker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

/** The work for a client's parameters. */
class ParametersTest {

    /** Counts the characters that are looked at. */
    private record Counted(String text, AtomicLong looks) implements CharSequence {

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            looks.incrementAndGet();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            looks.addAndGet(end - start);
            return text.substring(start, end);
        }
    }

    @Test
    void eachCharacterIsLookedAtAFewTimesOnly() {
        String text = "a&".repeat(900) + "b%20".repeat(1 << 16);
        AtomicLong looks = new AtomicLong();
        Parameters parameters = Parameters.decode(new Counted(text, looks));
        assertEquals(900, parameters.all("a").size());
        assertTrue(looks.get() <= 8L * text.length(), looks + " looks at " + text.length() + " characters");
    }
}
