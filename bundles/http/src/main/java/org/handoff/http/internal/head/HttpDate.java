package org.handoff.http.internal.head;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The current time as the Date field has it, made once a second. Made by hand: a formatter of the JDK, with the names of
 * its languages, would hold up the first response of each worker for 10 ms.
 */
final class HttpDate {

    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final int TWO_DIGITS = 10;

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

    /** A time of the years 1000 to 9999 as the Date field has it. */
    static String at(Instant instant) {
        LocalDateTime time = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
        return DAYS.get(time.getDayOfWeek().ordinal()) + ", " + twoDigits(time.getDayOfMonth()) + ' '
                + MONTHS.get(time.getMonthValue() - 1) + ' ' + time.getYear() + ' ' + twoDigits(time.getHour()) + ':'
                + twoDigits(time.getMinute()) + ':' + twoDigits(time.getSecond()) + " GMT";
    }

    private static String twoDigits(int number) {
        return (number < TWO_DIGITS ? "0" : "") + number;
    }
}
