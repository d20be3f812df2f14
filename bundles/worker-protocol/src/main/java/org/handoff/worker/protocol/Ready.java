package org.handoff.worker.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The frame {@link FrameType#READY}: connections may come.
 *
 * @param failures the reasons why handlers cannot serve, by their numbers in the generation file
 */
public record Ready(SortedMap<Integer, String> failures) {

    /** The longest useful reason. */
    private static final int REASON_CHARACTERS = 2000;

    private static final int NUMBER_CHARACTERS = 16;
    /** How much of a wrong line a message repeats. */
    private static final int EXCERPT_CHARACTERS = 80;

    /** The largest number of bytes of a character. */
    private static final int UTF_8_BYTES = 3;

    /**
     * Reads a frame of that type.
     *
     * @throws ProtocolException if a line does not begin with a number
     */
    public static Ready of(Frame frame) throws ProtocolException {
        SortedMap<Integer, String> failures = new TreeMap<>();
        for (String line : StandardCharsets.UTF_8
                .decode(frame.payload().duplicate())
                .toString()
                .split("\n")) {
            if (!line.isBlank()) {
                String[] words = line.split(" ", 2);
                try {
                    failures.put(Integer.valueOf(words[0]), words.length > 1 ? words[1].strip() : "no reason given");
                } catch (NumberFormatException e) {
                    throw new ProtocolException(
                            "READY has the line \"" + excerpt(line) + "\"; it must begin with a number");
                }
            }
        }
        return new Ready(failures);
    }

    /** The beginning of a line, fit for a log. */
    private static String excerpt(String line) {
        return line.substring(0, Math.min(line.length(), EXCERPT_CHARACTERS)).replaceAll("[^ -~]", "?");
    }

    /** The frame; reasons are cut if there are too many failures for one frame. */
    public Frame frame() {
        int longest = failures.isEmpty()
                ? 0
                : Math.min(REASON_CHARACTERS, Frame.MAX_PAYLOAD / failures.size() / UTF_8_BYTES - NUMBER_CHARACTERS);
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<Integer, String> failure : failures.entrySet()) {
            String reason = failure.getValue().replaceAll("\\s+", " ");
            lines.append(failure.getKey())
                    .append(' ')
                    .append(reason, 0, Math.min(reason.length(), longest))
                    .append('\n');
        }
        return Frame.of(FrameType.READY, StandardCharsets.UTF_8.encode(lines.toString()));
    }
}
