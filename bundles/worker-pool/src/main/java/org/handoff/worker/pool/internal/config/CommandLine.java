package org.handoff.worker.pool.internal.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits the command line of a configuration at spaces, as a shell would, but without one: a pair of quotes, single or
 * double, holds a word with spaces together, or an empty one, and is left out. No other character is special.
 */
final class CommandLine {

    private CommandLine() {}

    /** @throws IllegalArgumentException if a quote is not closed; the message names key, value and remedy */
    static List<String> words(String key, String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (char c : text.toCharArray()) {
            if (quote != 0 ? c == quote : c == '"' || c == '\'') {
                quote = quote == 0 ? c : 0;
                begun = true;
            } else if (quote != 0 || !Character.isWhitespace(c)) {
                word.append(c);
                begun = true;
            } else if (begun) {
                words.add(word.toString());
                word.setLength(0);
                begun = false;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException(
                    key + " = " + text + ": a quote " + quote + " is not closed; write its second one");
        }
        if (begun) {
            words.add(word.toString());
        }
        return List.copyOf(words);
    }
}
