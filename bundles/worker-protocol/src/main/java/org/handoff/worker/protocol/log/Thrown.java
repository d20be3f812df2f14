package org.handoff.worker.protocol.log;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * An exception of a worker, as text.
 *
 * @param text its type and message
 * @param frames its stack trace without the last ones, {@code common} in number, which the exception that encloses it
 *        has too
 * @param cause its cause; null for none
 */
public record Thrown(String text, List<String> frames, int common, Thrown cause, List<Thrown> suppressed) {

    /** The most exceptions of an entry: causes and suppressed ones, with theirs. */
    public static final int MOST = 50;

    /** The most characters of {@link #text}. */
    public static final int TEXT = 4_000;

    /** The most characters of a frame. */
    public static final int FRAME = 500;

    /** The most frames of an entry, without those in common. */
    public static final int FRAMES = 1_000;

    /**
     * The exception with its causes and suppressed exceptions, as far as there is room for them. Of one whose methods fail
     * only the class is known: whoever logs it must not fail for that.
     */
    public static Thrown of(Throwable thrown) {
        try {
            return of(thrown, new StackTraceElement[0], Collections.newSetFromMap(new IdentityHashMap<>()));
        } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
            return new Thrown(withoutText(thrown, e), List.of(), 0, null, List.of());
        }
    }

    /** @return null if it was seen already, or there are too many */
    private static Thrown of(Throwable thrown, StackTraceElement[] enclosing, Set<Throwable> seen) {
        if (thrown == null || seen.size() == MOST || !seen.add(thrown)) {
            return null;
        }
        StackTraceElement[] trace = thrown.getStackTrace();
        int common = common(trace, enclosing);
        List<String> frames = Arrays.stream(trace, 0, trace.length - common)
                .map(StackTraceElement::toString)
                .toList();
        Thrown cause = of(thrown.getCause(), trace, seen);
        List<Thrown> suppressed = Arrays.stream(thrown.getSuppressed())
                .map(one -> of(one, trace, seen))
                .filter(one -> one != null)
                .toList();
        return new Thrown(text(thrown), frames, common, cause, suppressed);
    }

    /** The number of equal frames at the end of both. */
    private static int common(StackTraceElement[] trace, StackTraceElement[] enclosing) {
        int common = 0;
        while (common < Math.min(trace.length, enclosing.length)
                && trace[trace.length - 1 - common].equals(enclosing[enclosing.length - 1 - common])) {
            common++;
        }
        return common;
    }

    private static String text(Throwable thrown) {
        try {
            return String.valueOf(thrown);
        } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
            return withoutText(thrown, e);
        }
    }

    private static String withoutText(Throwable thrown, Throwable why) {
        return thrown.getClass().getName() + " (its text cannot be made: "
                + why.getClass().getName() + ")";
    }
}
