package org.handoff.http.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of this process's heap, as a configuration gives it: a share such as 25%, or a size such as 64m. */
public final class HeapShare {

    private static final Pattern SHARE = Pattern.compile("(\\d{1,2})%");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kKmMgG]?)");

    private HeapShare() {}

    /**
     * The number of bytes that a value stands for.
     *
     * @param key for the message
     * @param value a share of the largest heap (1% to 99%), or a size in bytes, also with k, m or g
     * @param least the fewest bytes that are of use
     * @return {@code least} or more
     * @throws IllegalArgumentException if the value is neither, or stands for less; the message names key, value and
     *         remedy
     */
    public static long bytes(String key, String value, long least) {
        long heap = Runtime.getRuntime().maxMemory();
        String text = value.strip();
        Matcher share = SHARE.matcher(text);
        Matcher size = SIZE.matcher(text);
        long bytes;
        if (share.matches()) {
            bytes = heap / 100 * Long.parseLong(share.group(1));
        } else if (size.matches()) {
            bytes = Long.parseLong(size.group(1)) << shift(size.group(2));
        } else {
            throw bad(key, value, "write a share of the heap like 25%, or a size like 64m");
        }
        if (bytes < least || bytes > heap) {
            throw bad(
                    key,
                    value,
                    "these are " + bytes + " bytes; write at least " + least + " and at most the heap's " + heap);
        }
        return bytes;
    }

    private static int shift(String unit) {
        return switch (unit) {
            case "k", "K" -> 10;
            case "m", "M" -> 20;
            case "g", "G" -> 30;
            default -> 0;
        };
    }

    private static IllegalArgumentException bad(String key, String value, String remedy) {
        return new IllegalArgumentException(key + " = " + value + " is not possible: " + remedy);
    }
}
