package org.handoff.worker.pool.internal.worker;

/** One worker's share of its pool's requests, as {@link Shares} counts it. On the event loop only. */
public final class Share {

    /** After so many looks one more connection may show that it answers: those that it has may never ask anything. */
    private static final int PATIENCE = 10;

    private long lastLook;
    private long requests;
    /** By how many requests it is ahead of the others' average; negative where it lags. */
    private double lead;
    /** The connections that have left it since the last look, whose requests are not in the lead yet. */
    private int left;
    /** The connections that it was handed since it was last seen to answer, less those that have left it. */
    private int unproven;

    private int asked;
    private long freedAt;
    private boolean freed;

    /** It was handed a connection. */
    void came() {
        unproven++;
    }

    /** A connection has left it. */
    void left() {
        left++;
        unproven = Math.max(0, unproven - 1);
    }

    /** It has room for another request. */
    void freed(long now) {
        freed = true;
        freedAt = now;
    }

    /** Whether it had room for another request so short a time ago. */
    boolean wasFree(long now, long nanos) {
        return freed && now - freedAt < nanos;
    }

    /** By how many requests it is ahead of the others, as far as is known; negative where it lags. */
    double lead() {
        return lead + left;
    }

    /** How many connections it was handed of which nobody knows yet whether it has use for them. */
    int unproven() {
        return unproven;
    }

    /**
     * Counts what it has answered since the last look; where it was not looked at then, it begins anew.
     *
     * @param look counts up by 1 with each look
     * @param answered since its start
     * @return how many it has answered
     */
    long look(long look, long answered) {
        boolean begins = look != lastLook + 1;
        long since = begins ? 0 : answered - requests;
        lead = begins ? 0 : lead + since;
        if (since > 0) {
            unproven = 0;
        } else if (look % PATIENCE == 0) {
            unproven = Math.max(0, unproven - 1);
        }
        lastLook = look;
        requests = answered;
        left = 0;
        return since;
    }

    /** What it has answered until now is of no account. */
    void forget() {
        lead = 0;
        left = 0;
        unproven = 0;
    }

    /** Sets the lead against the others' average. @param most how far it counts, ahead or behind */
    void against(double average, double most) {
        lead = Math.max(-most, Math.min(most, lead - average));
    }

    /** Whether it has to be told that it is to give so many connections back. */
    boolean asks(int connections) {
        boolean tells = connections > 0 || asked > 0;
        asked = connections;
        return tells;
    }
}
