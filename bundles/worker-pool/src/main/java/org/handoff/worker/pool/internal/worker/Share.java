package org.handoff.worker.pool.internal.worker;

/** One worker's share of its pool's requests, as {@link Shares} counts it. On the event loop only. */
public final class Share {

    /**
     * The number of looks after which one more connection may show that the worker answers: those that it has may never
     * bring a request.
     */
    private static final int PATIENCE = 10;

    /**
     * More requests than any worker answers between two looks. The number is the worker's word: a false one must not
     * count for so much that the others are out of balance long after it.
     */
    private static final long MOST_IN_A_LOOK = 50_000;

    private long lastLook;
    private long requests;
    /** The number of requests by which it is ahead of the others' average; negative if it lags. */
    private double lead;
    /** The connections that have left it since the last look, whose requests are not in the lead yet. */
    private int left;
    /** The connections that it was handed since it was last seen to answer, less those that have left it. */
    private int unproven;

    private int asked;
    private long freedAt;
    private boolean freed;

    /** The worker was handed a connection. */
    void came() {
        unproven++;
    }

    /** A connection has left it. */
    void left() {
        left++;
        unproven = Math.max(0, unproven - 1);
    }

    /** The worker has room for another request. */
    void freed(long now) {
        freed = true;
        freedAt = now;
    }

    /** Whether it had room for another request within this time. */
    boolean wasFree(long now, long nanos) {
        return freed && now - freedAt < nanos;
    }

    /** The estimated number of requests by which it is ahead of the others; negative if it lags. */
    double lead() {
        return lead + left;
    }

    /** The number of its connections that have not shown yet whether they bring requests. */
    int unproven() {
        return unproven;
    }

    /**
     * Counts the requests answered since the last look; begins anew if that look missed the worker.
     *
     * @param look counts up by 1 with each look
     * @param answered since its start
     * @return the number of requests answered
     */
    long look(long look, long answered) {
        boolean begins = look != lastLook + 1;
        long since = begins ? 0 : Math.max(0, Math.min(MOST_IN_A_LOOK, answered - requests));
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

    /** Ignores requests answered until now. */
    void forget() {
        lead = 0;
        left = 0;
        unproven = 0;
    }

    /** Sets the lead against the others' average. @param most the largest lead that counts, ahead or behind */
    void against(double average, double most) {
        lead = Math.max(-most, Math.min(most, lead - average));
    }

    /** Whether the worker has to be told to give this number of connections back. */
    boolean asks(int connections) {
        boolean tells = connections > 0 || asked > 0;
        asked = connections;
        return tells;
    }
}
