package org.handoff.worker.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Dates as header fields have them, in the one form that is sent and the three that are read (RFC 9110, 5.6.7). */
public final class HttpDate {

    private static final int YEARS_AHEAD = 50;

    private static final DateTimeFormatter FIXED = format("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
    private static final DateTimeFormatter RFC_850 = new DateTimeFormatterBuilder()
            .appendPattern("EEEE, dd-MMM-")
            .appendValueReduced(ChronoField.YEAR, 2, 2, LocalDateTime.now().getYear() + YEARS_AHEAD - 99)
            .appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.US);
    private static final List<DateTimeFormatter> READ = List.of(FIXED, RFC_850, format("EEE MMM ppd HH:mm:ss uuuu"));

    private HttpDate() {}

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US);
    }

    /** As header fields have it. */
    public static String of(Instant time) {
        return FIXED.format(time.atOffset(ZoneOffset.UTC));
    }

    /** Reads each of the three forms. @return empty if the text is no date */
    public static Optional<Instant> parse(String text) {
        for (DateTimeFormatter one : READ) {
            try {
                return Optional.of(LocalDateTime.parse(text, one).toInstant(ZoneOffset.UTC));
            } catch (DateTimeException e) {
                // The next one may fit.
                continue;
            }
        }
        return Optional.empty();
    }
}
