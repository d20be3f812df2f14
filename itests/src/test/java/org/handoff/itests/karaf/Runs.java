package org.handoff.itests.karaf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;

/**
 * How long the tests of the promise run, and what they assert: under the Maven profile {@code long} sixty times as long
 * as by default, one class at a time, and with limits for what takes time.
 */
public final class Runs {

    private static final int FACTOR = Integer.getInteger("handoff.long", 1);

    private Runs() {}

    /** Whether the profile {@code long} is on. */
    public static boolean areLong() {
        return FACTOR > 1;
    }

    /**
     * Asserts what compares times. By default tests run beside each other, on a machine that may have other work too, and
     * times are printed only.
     */
    public static void assertTiming(boolean holds, String what) {
        if (areLong()) {
            assertTrue(holds, what);
        }
    }

    /** How often to do what is done so often by default. */
    public static int times(int usual) {
        return usual * FACTOR;
    }

    /** How often to do what is done so often by default, and so often under {@code long}. */
    public static int times(int usual, int inLong) {
        return areLong() ? inLong : usual;
    }

    /** How long to go on with what takes so long by default, and so long under {@code long}. */
    public static Duration lasting(Duration usual, Duration inLong) {
        return areLong() ? inLong : usual;
    }

    /** How long to go on with what takes so long by default. */
    public static Duration lasting(Duration usual) {
        return usual.multipliedBy(FACTOR);
    }
}
