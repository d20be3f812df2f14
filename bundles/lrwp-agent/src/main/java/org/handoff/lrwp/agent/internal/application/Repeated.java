package org.handoff.lrwp.agent.internal.application;

import java.util.concurrent.TimeUnit;

/** A repeated event that clients can cause by the thousand: some are logged each minute, the others counted. */
final class Repeated {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final int most;
    private long begun;
    private int told;
    private long untold;

    /** @param most the number logged in a minute */
    Repeated(int most) {
        this.most = most;
    }

    /** The event has happened once more. @return whether it is to be logged */
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

    /** The number of events that were not logged, each counted once; 0 before their minute is over. */
    long takeUntold(long now) {
        if (now - begun < MINUTE) {
            return 0;
        }
        long taken = untold;
        untold = 0;
        return taken;
    }
}
