package org.handoff.http.internal.head;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The current time as the Date field has it, made once a second. */
final class HttpDate {

    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private record Made(long second, byte[] text) {}

    private static volatile Made made = new Made(-1, new byte[0]);

    private HttpDate() {}

    /** The current time in ASCII. The array is shared and must not be changed. */
    static byte[] now() {
        long second = System.currentTimeMillis() / 1000;
        Made last = made;
        if (last.second != second) {
            last = new Made(second, at(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII));
            made = last;
        }
        return last.text;
    }

    /** A time as the Date field has it. */
    static String at(Instant time) {
        return FORMAT.format(time);
    }
}
