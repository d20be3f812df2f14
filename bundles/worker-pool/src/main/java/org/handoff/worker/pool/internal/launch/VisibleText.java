package org.handoff.worker.pool.internal.launch;

/**
 * Text of a worker's for the log and for terminals: nothing in it moves a cursor, changes a colour, or turns the
 * direction of what stands beside it.
 */
public final class VisibleText {

    private VisibleText() {}

    /** The text with each control character but the tab, and what else has no form of its own, as {@code \}{@code u001b}. */
    public static String of(String text) {
        if (text.chars().noneMatch(VisibleText::isHidden)) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 16);
        text.chars().forEach(c -> {
            if (isHidden(c)) {
                visible.append(String.format("\\u%04x", c));
            } else {
                visible.append((char) c);
            }
        });
        return visible.toString();
    }

    private static boolean isHidden(int c) {
        return c != '\t'
                && switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                        true;
                    default -> false;
                };
    }
}
