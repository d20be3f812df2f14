package org.handoff.http.internal.head;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

import org.handoff.worker.api.HttpDate;

/** The current time as the Date field has it, made once a second. */
final class DateField {

    private record Made(long second, byte[] text) {}

    private static volatile Made made = new Made(-1, new byte[0]);

    private DateField() {}

    /** The current time in ASCII. The array is shared and must not be changed. */
    static byte[] now() {
        long second = System.currentTimeMillis() / 1000;
        Made last = made;
        if (last.second != second) {
            last = new Made(second, HttpDate.of(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII));
            made = last;
        }
        return last.text;
    }
}
