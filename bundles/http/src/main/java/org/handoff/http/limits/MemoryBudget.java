package org.handoff.http.limits;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory for all clients of a process together, on the heap and outside it: unfinished heads, bodies, and responses
 * to slow clients. One budget is made for a process, or for a part of it, and given to each
 * {@link org.handoff.http.engine.HttpEngine}; other memory for clients is counted in the same one. Any thread may call
 * it.
 *
 * <p>It has two halves, so that neither starves the other:
 *
 * <ul>
 * <li>Data that can go to a file asks first: {@link #take}, and if that returns false, the file is used.
 * <li>Data that can only be in memory, as an unfinished head, is there before it can be counted: {@link #charge}, and
 * if that returns false, the caller ends the oldest of its kind until {@link #isExceeded} returns false.
 * </ul>
 *
 * In both cases {@link #give} or {@link #discharge} follows when the memory is free again, exactly once for each byte.
 */
public final class MemoryBudget {

    private final long half;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong charged = new AtomicLong();

    /**
     * Makes a budget of which nothing is used.
     *
     * @param bytes for both halves together, such as {@link HttpLimits#memory}
     */
    public MemoryBudget(long bytes) {
        half = bytes / 2;
    }

    /**
     * Takes memory for data that could go to a file instead.
     *
     * @return false if there is not enough: nothing was taken
     */
    public boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= half) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    /** Returns taken memory. */
    public void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /**
     * Counts memory that is in use already, for data that can be nowhere else.
     *
     * @return false if that is too much now: it was counted nevertheless, and the caller makes room
     */
    public boolean charge(long bytes) {
        return charged.addAndGet(bytes) <= half;
    }

    /** Counts that charged memory is free again. */
    public void discharge(long bytes) {
        charged.addAndGet(-bytes);
    }

    /** Whether more is charged than there should be. */
    public boolean isExceeded() {
        return charged.get() > half;
    }

    /** The memory in use, in bytes. */
    public long used() {
        return taken.get() + charged.get();
    }
}
