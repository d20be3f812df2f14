package org.handoff.itests.loss;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.karaf.Karaf;

/** The lines of Karaf's log about workers that have died since this was made. */
final class DeathLog {

    private final Karaf karaf;
    private final int before;

    DeathLog(Karaf karaf) throws IOException {
        this.karaf = karaf;
        this.before = karaf.log().size();
    }

    /** The sum of a number in all lines. @param number a pattern whose group is the number */
    int sum(String number) throws IOException {
        Pattern pattern = Pattern.compile("has died: .*" + number);
        return karaf.logSince(before).stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .sum();
    }
}
