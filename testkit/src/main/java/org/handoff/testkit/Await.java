package org.handoff.testkit;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waiting for what happens on other threads, or in other processes, and has no event of its own. */
public final class Await {

    /** Long enough for a slow machine: it passes only where a test fails. */
    public static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(1);

    private Await() {}

    /** Waits until the condition holds; past the deadline, or by its exception, fails with what was waited for. */
    public static void await(String what, Callable<Boolean> condition) {
        awaitEquals(what, true, condition);
    }

    /** Waits until the value is the expected one; past the deadline fails with the last one. */
    public static <T> void awaitEquals(String what, T expected, Callable<T> value) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        try {
            for (T last; !Objects.equals(expected, last = value.call()); ) {
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("waited " + DEADLINE.toSeconds() + " s for: " + what + ": expected "
                            + expected + ", but it is " + last);
                }
                LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            }
        } catch (Exception e) {
            throw new AssertionError("while waiting for: " + what, e);
        }
    }
}
