package org.handoff.lrwp.agent.internal.application;

import java.util.concurrent.TimeUnit;

/** Something that strangers can cause by the thousand: some of it is told each minute, and how often it was not. */
final class Repeated {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final int most;
    private long begun;
    private int told;
    private long untold;

    /** @param most how often it is told in a minute */
    Repeated(int most) {
        this.most = most;
    }

    /** It has happened once more. @return whether it is to be told */
    boolean happens(long now) {
        if (told == 0 || now - begun >= MINUTE) {
            begun = now;
            told = 0;
        }
        if (told < most) {
            told++;
            return true;
        }
        untold++;
        return false;
    }

    /** How often it has happened and was not told, each of them once; 0 before their minute is over. */
    long takeUntold(long now) {
        if (now - begun < MINUTE) {
            return 0;
        }
        long taken = untold;
        untold = 0;
        return taken;
    }
}
