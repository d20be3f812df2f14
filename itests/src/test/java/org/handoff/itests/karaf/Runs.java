package org.handoff.itests.karaf;

import java.time.Duration;

/** How long the tests of the promise run: under the Maven profile {@code long} sixty times as long as by default. */
public final class Runs {

    private static final int FACTOR = Integer.getInteger("handoff.long", 1);

    private Runs() {}

    /** How often to do what is done so often by default. */
    public static int times(int usual) {
        return usual * FACTOR;
    }

    /** How long to go on with what takes so long by default, and so long under {@code long}. */
    public static Duration lasting(Duration usual, Duration inLong) {
        return FACTOR == 1 ? usual : inLong;
    }

    /** How long to go on with what takes so long by default. */
    public static Duration lasting(Duration usual) {
        return usual.multipliedBy(FACTOR);
    }
}
