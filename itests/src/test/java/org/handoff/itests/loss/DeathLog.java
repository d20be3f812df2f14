package org.handoff.itests.loss;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.karaf.Karaf;

/** The lines of Karaf's log since this was made about workers that have died: what became of their connections. */
final class DeathLog {

    private final Karaf karaf;
    private final int before;

    DeathLog(Karaf karaf) throws IOException {
        this.karaf = karaf;
        this.before = karaf.log().size();
    }

    /** The requests that went to other workers. */
    int again() throws IOException {
        return sum("(\\d+) requests go to other workers");
    }

    /** The responses that the monitor completed. */
    int completed() throws IOException {
        return sum("(\\d+) responses were completed");
    }

    /** The requests whose handlers ran. */
    int lost() throws IOException {
        return sum("(\\d+) requests whose handler ran");
    }

    /** The requests whose bytes were lost. */
    int unread() throws IOException {
        return sum("(\\d+) that were not kept");
    }

    /** The responses that are cut. */
    int cut() throws IOException {
        return sum("(\\d+) responses are cut");
    }

    /** The errors that ended a turn of an event loop. */
    List<String> loopErrors() throws IOException {
        return karaf.logSince(before).stream()
                .filter(line -> line.contains("selector loop"))
                .toList();
    }

    private int sum(String number) throws IOException {
        Pattern pattern = Pattern.compile("has died:.*\\D" + number);
        return karaf.logSince(before).stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .sum();
    }
}
