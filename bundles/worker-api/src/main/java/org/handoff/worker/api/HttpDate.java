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

    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    /** Made when the first date is read: the JDK then loads the names of its languages, which takes 10 ms. */
    private static final class Forms {

        private static final int YEARS_AHEAD = 50;

        private static final DateTimeFormatter RFC_850 = new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, LocalDateTime.now().getYear() + YEARS_AHEAD - 99)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.US);
        static final List<DateTimeFormatter> ALL =
                List.of(format("EEE, dd MMM uuuu HH:mm:ss 'GMT'"), RFC_850, format("EEE MMM ppd HH:mm:ss uuuu"));

        private static DateTimeFormatter format(String pattern) {
            return DateTimeFormatter.ofPattern(pattern, Locale.US);
        }
    }

    private HttpDate() {}

    /** As header fields have it, for the years 0 to 9999. */
    public static String of(Instant time) {
        LocalDateTime utc = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        return DAYS.get(utc.getDayOfWeek().ordinal()) + ", " + digits(2, utc.getDayOfMonth()) + ' '
                + MONTHS.get(utc.getMonthValue() - 1) + ' ' + digits(4, utc.getYear()) + ' ' + digits(2, utc.getHour())
                + ':' + digits(2, utc.getMinute()) + ':' + digits(2, utc.getSecond()) + " GMT";
    }

    private static String digits(int count, int number) {
        String digits = Integer.toString(number);
        return "0".repeat(Math.max(0, count - digits.length())) + digits;
    }

    /** Reads each of the three forms. @return empty if the text is no date */
    public static Optional<Instant> parse(String text) {
        for (DateTimeFormatter one : Forms.ALL) {
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
