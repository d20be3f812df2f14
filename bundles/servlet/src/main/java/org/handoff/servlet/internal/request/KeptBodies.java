package org.handoff.servlet.internal.request;

import java.util.concurrent.atomic.AtomicLong;

import org.handoff.worker.api.HttpException;

/** The room on disk for the bodies of all requests that outlive their handler. Any thread. */
public final class KeptBodies {

    private final long most;
    private final AtomicLong used = new AtomicLong();

    /** @param most bytes of all together */
    public KeptBodies(long most) {
        this.most = most;
    }

    /** @throws HttpException if there is no room */
    void take(long bytes) {
        if (used.addAndGet(bytes) > most) {
            used.addAndGet(-bytes);
            throw new HttpException(503, "the bodies of asynchronous requests have " + most + " bytes on disk already");
        }
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
