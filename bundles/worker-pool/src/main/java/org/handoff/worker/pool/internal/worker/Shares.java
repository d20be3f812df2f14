package org.handoff.worker.pool.internal.worker;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Balances the requests of a pool's workers, whatever their connections bring. Twenty times a second it counts the
 * requests that each has answered. A worker that is ahead is asked to give some of its connections back between two
 * requests; a worker that lags is the first to get connections, new ones and those. No single request costs anything.
 * On the event loop only.
 */
public final class Shares {

    public static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** How long a worker that is ahead leaves requests to one that has begun another one and lags. */
    public static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** The number of looks in which a lead is to vanish: fewer would move more connections to and fro. */
    private static final int HORIZON = 4;

    /** The number of looks whose requests a worker that lags may make up for: more would be an imbalance by itself. */
    private static final int MEMORY = 10;

    /** The part of all connections that a worker that lags may have: the others go on answering meanwhile. */
    private static final double MOST = 7 / 8.0;

    private static final int FEW = 4;

    /** The weight of the last look in an average. */
    private static final double WEIGHT = 0.25;

    /** The weight when requests become fewer: a pause is not yet the end of a load. */
    private static final double SLOW_WEIGHT = WEIGHT / 4;

    /** A worker. */
    interface Sharer {

        /** The number of requests answered. */
        long requests();

        /** The number of connections held. */
        int connections();

        /** Whether it takes a connection now. */
        boolean takes();

        /** Whether it had no descriptor for a connection lately. */
        boolean isShort();

        /** Whether it keeps the connections that it takes. */
        boolean keepsConnections();

        /** Asks it for this number of connections, in place of the former number. */
        void want(int connections);

        /** Its share. */
        Share share();
    }

    private long looks;
    private int handedOff;
    /** The average number of requests in a look, of all workers. */
    private double requests;
    /** The average number of connections handed off in a look. */
    private double handOffs;
    /** The estimated number of requests that a connection brings within the horizon. */
    private double worth = 1;
    /** The number of connections that the workers hold together. */
    private int held;

    private int workers = 1;
    private int lastTaker;

    /** A connection was handed to the worker with that index. */
    public void handedOff(Sharer to, int index) {
        handedOff++;
        lastTaker = index;
        to.share().came();
    }

    /** The load of a worker, in connections: those that it holds, and those that its lead is worth. */
    private double load(Sharer one) {
        double most = FEW + held * MOST;
        return one.connections() + Math.max(-most, Math.min(most, one.share().lead() / worth));
    }

    /**
     * The worker that is due for a connection, in turn if several are.
     *
     * @param may which workers can take it
     * @return null if none can
     */
    public <S extends Sharer> S due(List<S> sharers, Predicate<S> may) {
        S due = null;
        for (int i = 1; i <= sharers.size(); i++) {
            S one = sharers.get((lastTaker + i) % sharers.size());
            if (may.test(one) && !waits(one, sharers) && (due == null || isBefore(one, due))) {
                due = one;
            }
        }
        return due;
    }

    /**
     * Whether a worker that takes a request at a time leaves the next one to others that lag, if they answer at the
     * moment, so that the next of them has its turn soon. With slow handlers none waits.
     */
    private boolean waits(Sharer one, List<? extends Sharer> sharers) {
        double most = one.share().lead() - Math.max(FEW, requests / workers);
        if (one.keepsConnections() || most <= 0) {
            return false;
        }
        long now = System.nanoTime();
        return sharers.stream()
                .map(Sharer::share)
                .anyMatch(share -> share.lead() < most && share.wasFree(now, WAIT_NANOS));
    }

    private boolean isBefore(Sharer one, Sharer other) {
        boolean may = mayHaveMore(one);
        return may == mayHaveMore(other) ? load(one) < load(other) : may;
    }

    /**
     * Whether more connections may come to a worker now. A worker that has got some, and was not seen to answer since,
     * may be starting, or stuck.
     */
    private boolean mayHaveMore(Sharer one) {
        return one.takes() && one.share().unproven() <= FEW + held / workers / FEW;
    }

    /** No worker holds a connection: former counts mean nothing for later ones. */
    public void forget(List<? extends Sharer> sharers) {
        sharers.forEach(one -> one.share().forget());
        requests = 0;
        handOffs = 0;
        worth = 1;
        held = 0;
    }

    /** Counts the requests answered since the last look, and asks the workers that are ahead for connections. */
    public void look(List<? extends Sharer> sharers) {
        looks++;
        workers = sharers.size();
        held = sharers.stream().mapToInt(Sharer::connections).sum();
        long answered = sharers.stream()
                .mapToLong(one -> one.share().look(looks, one.requests()))
                .sum();
        requests += (answered - requests) * (answered > requests ? WEIGHT : SLOW_WEIGHT);
        handOffs += (handedOff - handOffs) * WEIGHT;
        handedOff = 0;
        worth = Math.max(1, HORIZON * requests / Math.max(1, held + HORIZON * handOffs));
        double average = sharers.stream()
                .mapToDouble(one -> one.share().lead())
                .average()
                .orElse(0);
        sharers.forEach(one -> one.share().against(average, MEMORY * requests / workers));
        ask(sharers);
    }

    private void ask(List<? extends Sharer> sharers) {
        double average = sharers.stream()
                .filter(this::mayHaveMore)
                .mapToDouble(this::load)
                .average()
                .orElse(Double.MAX_VALUE);
        // Another connection might take the room of one that is given back, which would be refused then.
        boolean isShort = sharers.stream().anyMatch(Sharer::isShort);
        for (Sharer one : sharers) {
            long ahead = one.keepsConnections() && !isShort ? Math.round(load(one) - average) : 0;
            int asked = (int) Math.max(0, Math.min(one.connections(), ahead));
            if (one.share().asks(asked)) {
                one.want(asked);
            }
        }
    }
}
