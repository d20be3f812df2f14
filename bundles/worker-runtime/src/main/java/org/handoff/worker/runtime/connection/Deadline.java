package org.handoff.worker.runtime.connection;

import java.util.concurrent.TimeUnit;

import org.handoff.worker.protocol.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process of a worker that was to end, and has not in time: without a monitor, no other process would kill it.
 */
public final class Deadline {

    private static final int DEFAULT_SECONDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(Deadline.class);

    private final int seconds;

    /** @throws IllegalArgumentException if the environment has no number of seconds */
    public Deadline() {
        String value = Variable.DRAIN_TIMEOUT.value();
        if (value != null && !value.matches("[1-9]\\d{0,8}")) {
            throw new IllegalArgumentException(
                    Variable.DRAIN_TIMEOUT.key() + " is " + value + ": not a number of seconds, 1 or more");
        }
        seconds = value == null ? DEFAULT_SECONDS : Integer.parseInt(value);
    }

    /** The time limit, in seconds. */
    int seconds() {
        return seconds;
    }

    /** Begins to wait, on a thread of its own: even if other threads hang, the process ends in time. */
    public void begin() {
        Thread thread = new Thread(this::await, "deadline");
        thread.setDaemon(true);
        thread.start();
    }

    private void await() {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.error("This worker was to end {} s ago, and something here still runs: the process ends now", seconds);
        // Not exit: that would wait for hooks, which may hang.
        Runtime.getRuntime().halt(MonitorLink.FAILED);
    }
}
