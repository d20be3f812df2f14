package org.handoff.worker.pool.internal.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The number of deaths within a time that is too many. */
public record CrashLimit(int deaths, int seconds) {

    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\s*/\\s*(\\d{1,6})");

    /** @throws IllegalArgumentException if it is not like 5/60; the message names key, value and remedy */
    static CrashLimit of(String value) {
        Matcher matcher = FORM.matcher(value.strip());
        if (matcher.matches()) {
            CrashLimit limit = new CrashLimit(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
            if (limit.deaths > 0 && limit.seconds > 0) {
                return limit;
            }
        }
        throw new IllegalArgumentException(
                "crash.limit = " + value + ": not a number of deaths in a number of " + "seconds; write it like 5/60");
    }

    /** The same limit for attempts that may each take this time. */
    public CrashLimit stretchedBy(int trySeconds) {
        return new CrashLimit(deaths, (int) Math.min(Integer.MAX_VALUE, seconds + (long) deaths * trySeconds));
    }

    @Override
    public String toString() {
        return deaths + "/" + seconds;
    }
}
