package org.handoff.worker.runtime.connection;

/**
 * Whether this worker takes connections, and how near its end is. On the event loop only.
 *
 * <pre>
 * SERVING ──▶ LEAVING ──▶ RETIRING ──▶ MONITOR_GONE
 *    └───────────┴────────────┴──────────────▲
 * </pre>
 */
final class ServiceState {

    private enum Life {
        /** The worker is to go on. */
        SERVING,
        /** The worker is to end, and goes on until another one takes its place. */
        LEAVING,
        /** The worker finishes the requests that have begun, and gives all else back. */
        RETIRING,
        /** The worker finishes its connections, as no monitor is there to take them back. */
        MONITOR_GONE;

        /** A worker only comes nearer to its end. */
        boolean mayBecome(Life next) {
            return next.compareTo(this) > 0;
        }
    }

    private enum Intake {
        ON,
        /** Until the monitor says otherwise. */
        OFF,
        /** For good. */
        CLOSED
    }

    private Life life = Life.SERVING;
    private Intake intake = Intake.ON;

    /** Whether connections are taken. */
    boolean isOn() {
        return intake == Intake.ON;
    }

    boolean isMonitorGone() {
        return life == Life.MONITOR_GONE;
    }

    /** Whether the worker is to end once it has no connection. @param told whether all frames have left this process */
    boolean isEnding(boolean told) {
        return isMonitorGone() || life == Life.RETIRING && told;
    }

    /** The monitor wants the worker to take connections. */
    void on() {
        if (intake == Intake.OFF) {
            intake = Intake.ON;
        }
    }

    /** The monitor wants the worker to take none. */
    void off() {
        if (intake == Intake.ON) {
            intake = Intake.OFF;
        }
    }

    /** The worker has begun the last request allowed to it. */
    void quotaReached() {
        intake = Intake.CLOSED;
    }

    /** @return false if the worker is on its way to its end already */
    boolean leave() {
        return move(Life.LEAVING);
    }

    /** @return false if the worker retires already, or the monitor has gone */
    boolean retire() {
        boolean begins = move(Life.RETIRING);
        intake = Intake.CLOSED;
        return begins;
    }

    void monitorGone() {
        move(Life.MONITOR_GONE);
        intake = Intake.CLOSED;
    }

    private boolean move(Life next) {
        boolean may = life.mayBecome(next);
        if (may) {
            life = next;
        }
        return may;
    }
}
