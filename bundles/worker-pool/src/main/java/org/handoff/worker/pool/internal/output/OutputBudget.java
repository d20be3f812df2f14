package org.handoff.worker.pool.internal.output;

import java.util.concurrent.TimeUnit;

/**
 * A budget for the log: a number of bytes a second, and more at once after a silence. Any thread may use it; times are
 * those of {@link System#nanoTime}.
 */
public final class OutputBudget {

    /** The cost of a line beside its bytes: its time, its thread, its place in the log. */
    private static final int LINE = 100;

    private static final int KIB = 1024;

    /** The budget of all workers together. */
    private static final OutputBudget ALL = new OutputBudget(1024 * KIB, 4096 * KIB, null);

    private final long perSecond;
    private final long burst;
    private final OutputBudget all;
    private long left;
    private long at = System.nanoTime();

    /** @param all the shared budget; null for none */
    OutputBudget(long perSecond, long burst, OutputBudget all) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.all = all;
        this.left = burst;
    }

    /** The budget of one worker. */
    public static OutputBudget ofWorker() {
        return new OutputBudget(256 * KIB, 1024 * KIB, ALL);
    }

    /** Takes a line of this number of bytes out of the budget. @return false if too little is left */
    boolean takes(int bytes, long now) {
        return take(bytes + LINE, now);
    }

    private synchronized boolean take(long cost, long now) {
        long earned = (now - at) / TimeUnit.MILLISECONDS.toNanos(1) * perSecond / 1000;
        if (earned > 0) {
            left = Math.min(burst, left + earned);
            at = now;
        }
        if (left < cost || all != null && !all.take(cost, now)) {
            return false;
        }
        left -= cost;
        return true;
    }

    /** Fills the budget: the next lines were asked for. */
    synchronized void refill() {
        left = burst;
    }
}
