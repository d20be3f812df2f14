package org.handoff.itests.karaf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The rows of a table that a shell command printed. */
public record Table(List<Map<String, String>> rows) {

    /**
     * Reads a table of Karaf's: a line of titles, a line of strokes, and the rows. Titles become lower case. What
     * stands between the cells depends on the terminal's character set.
     */
    public static Table parse(String printed) {
        List<String> lines =
                printed.lines().filter(line -> line.matches(".*[│|].*")).toList();
        List<Map<String, String>> rows = new ArrayList<>();
        if (!lines.isEmpty()) {
            String[] titles = cells(lines.get(0).toLowerCase(Locale.ROOT));
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = cells(line);
                Map<String, String> row = new HashMap<>();
                for (int i = 0; i < Math.min(titles.length, cells.length); i++) {
                    row.put(titles[i], cells[i]);
                }
                rows.add(row);
            }
        }
        return new Table(rows);
    }

    private static String[] cells(String line) {
        return line.strip().split("\\s*[│|]\\s*", -1);
    }
}
