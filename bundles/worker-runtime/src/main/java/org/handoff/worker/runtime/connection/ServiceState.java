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
        /** Nobody has said that it is to end. */
        SERVING,
        /** It is to end, and goes on until another worker takes its place. */
        LEAVING,
        /** It finishes what it has begun, and gives all else back. */
        RETIRING,
        /** It finishes what it has, and nobody is there to take anything back. */
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

    /**
     * Whether it is to end once it has no connection.
     *
     * @param told whether the monitor has got all that it was sent
     */
    boolean isEnding(boolean told) {
        return isMonitorGone() || life == Life.RETIRING && told;
    }

    /** The monitor wants it to take connections. */
    void on() {
        if (intake == Intake.OFF) {
            intake = Intake.ON;
        }
    }

    /** The monitor wants it to take none. */
    void off() {
        if (intake == Intake.ON) {
            intake = Intake.OFF;
        }
    }

    /** It has begun the last request that it may. */
    void spend() {
        intake = Intake.CLOSED;
    }

    /** @return false if it is on its way to its end already */
    boolean leave() {
        return move(Life.LEAVING);
    }

    /** @return false if it retires already, or has nobody to retire for */
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
