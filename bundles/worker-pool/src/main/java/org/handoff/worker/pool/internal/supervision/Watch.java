package org.handoff.worker.pool.internal.supervision;

import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * Watches one worker: that its event loop answers, and that its handler does not take one request for ever. Looks a few
 * times a second; on the event loop only; times are those of {@link System#nanoTime}.
 */
public final class Watch {

    /** The watched worker. */
    public interface Watched {

        /** The connection whose handler is running, or 0; untrusted. */
        long handling();

        /** The start of the handler by the worker's clock; untrusted, and only compared with itself. */
        long handlingSince();

        void ping();

        /** A request's handler takes too long: the worker is to write a thread dump, and then to be killed. */
        void stuck(long connection, String why);

        void kill(String why);
    }

    /** The number of PINGs sent in the time in which one has to be answered. */
    private static final int PINGS = 4;

    private final Watched worker;
    private long handling;
    private long handlingSince;
    private long firstSeen;
    private boolean reported;
    private boolean pinged;
    private long pingedAt;
    private long answeredAt;

    public Watch(Watched worker, long now) {
        this.worker = worker;
        this.answeredAt = now;
    }

    /**
     * Looks at a worker that is ready.
     *
     * @param stalledNanos how long the monitor itself was kept from looking, which is not the worker's fault
     */
    public void check(long now, long stalledNanos, PoolPolicy policy) {
        checkHeartbeat(now, stalledNanos, policy);
        checkRequest(now, policy);
    }

    /** PONG came. */
    public void answered(long now) {
        pinged = false;
        answeredAt = now;
    }

    /** The duration of the present request, as far as it was seen; 0 for none. */
    public long handlingNanos(long now) {
        return handling == 0 ? 0 : now - firstSeen;
    }

    /** Whether the handler last reported as stuck still runs. */
    public boolean isStillStuck() {
        return reported && worker.handling() == handling && worker.handlingSince() == handlingSince;
    }

    private void checkHeartbeat(long now, long stalledNanos, PoolPolicy policy) {
        long heartbeat = TimeUnit.SECONDS.toNanos(policy.heartbeatSeconds());
        if (heartbeat == 0) {
            pinged = false;
        } else if (pinged) {
            pingedAt += stalledNanos;
            if (now - pingedAt >= heartbeat) {
                worker.kill("it does not answer: a PING waits for heartbeat = " + policy.heartbeatSeconds() + " s");
            }
        } else if (now - answeredAt >= heartbeat / PINGS) {
            pinged = true;
            pingedAt = now;
            worker.ping();
        }
    }

    private void checkRequest(long now, PoolPolicy policy) {
        long connection = worker.handling();
        long since = worker.handlingSince();
        if (connection != handling || since != handlingSince) {
            handling = connection;
            handlingSince = since;
            firstSeen = now;
            reported = false;
        } else if (connection != 0
                && !reported
                && policy.requestSeconds() > 0
                && now - firstSeen >= TimeUnit.SECONDS.toNanos(policy.requestSeconds())) {
            reported = true;
            worker.stuck(
                    connection,
                    "the handler of a request on connection " + connection + " takes longer than request.timeout = "
                            + policy.requestSeconds() + " s");
        }
    }
}
