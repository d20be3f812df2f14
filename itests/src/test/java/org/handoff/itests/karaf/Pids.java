package org.handoff.itests.karaf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reading which worker answered. */
public final class Pids {

    private static final Pattern PID = Pattern.compile("worker process (\\d+)");

    private Pids() {}

    /** The process that a handler says it is in. */
    public static long pidIn(Http.Answer answer) {
        Matcher matcher = PID.matcher(answer.text());
        assertTrue(matcher.find(), answer.status() + " " + answer.text());
        return Long.parseLong(matcher.group(1));
    }
}
