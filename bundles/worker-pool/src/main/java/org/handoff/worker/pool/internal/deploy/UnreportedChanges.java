package org.handoff.worker.pool.internal.deploy;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second at what the framework does not report: the files that may replace uninstalled bundles, and whether
 * bundles that were stopped are to run again, as after a start that fails because they do not resolve. As long as there
 * are such bundles. On the executor's one thread, where {@link Deployed} is asked too, but for {@link #stop}.
 */
public final class UnreportedChanges {

    private static final Logger LOG = LoggerFactory.getLogger(UnreportedChanges.class);

    private static final int PERIOD_SECONDS = 1;

    private final Deployed<?> deployed;
    private final ScheduledExecutorService executor;
    private final Runnable changed;
    /** Whether a look is scheduled. */
    private boolean isDue;

    private volatile boolean isStopped;

    /** @param changed hears that the handlers of {@link Deployed} have changed */
    public UnreportedChanges(Deployed<?> deployed, ScheduledExecutorService executor, Runnable changed) {
        this.deployed = deployed;
        this.executor = executor;
        this.changed = changed;
    }

    /** Goes on while there is something to look at. After each look at all handlers. */
    public void goOn() {
        if (!isDue && !isStopped && deployed.mayChangeUnreported()) {
            try {
                executor.schedule(this::look, PERIOD_SECONDS, TimeUnit.SECONDS);
                isDue = true;
            } catch (RejectedExecutionException e) {
                LOG.debug("the executor has been shut down", e);
            }
        }
    }

    /** Looks no longer, though the executor goes on. */
    public void stop() {
        isStopped = true;
    }

    private void look() {
        isDue = false;
        if (!isStopped && deployed.hasChangedUnreported()) {
            changed.run();
        } else {
            goOn();
        }
    }
}
