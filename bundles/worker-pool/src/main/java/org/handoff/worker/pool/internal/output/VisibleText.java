package org.handoff.worker.pool.internal.output;

import java.util.stream.Collectors;

/**
 * Text of a worker for the log and for terminals: it cannot move the cursor, change a colour, or turn the direction of
 * the text beside it.
 */
public final class VisibleText {

    private VisibleText() {}

    /**
     * The text with each control character but the tab, and each other invisible character, as {@code \}{@code u001b};
     * beyond the first 65,536 as the two of UTF-16.
     */
    public static String of(String text) {
        if (text.codePoints().noneMatch(VisibleText::isHidden)) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (isHidden(point)) {
                for (char c : Character.toChars(point)) {
                    visible.append(String.format("\\u%04x", (int) c));
                }
            } else {
                visible.appendCodePoint(point);
            }
        });
        return visible.toString();
    }

    /**
     * The text of several lines, each but the first after a tab: in a log, none of them looks like the beginning of an
     * entry.
     */
    public static String ofLines(String text) {
        return text.lines().map(VisibleText::of).collect(Collectors.joining("\n\t"));
    }

    private static boolean isHidden(int point) {
        return point != '\t'
                && switch (Character.getType(point)) {
                    case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                        true;
                    default -> false;
                };
    }
}
