package org.handoff.itests.karaf;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waiting for a condition, with a deadline. */
public final class Await {

    /** Long enough for a slow machine: it passes only where a test fails. */
    public static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private Await() {}

    /** Waits until the condition holds; past the deadline fails with what was waited for, and why it seems missing. */
    public static void until(String what, Callable<Boolean> condition, Supplier<String> diagnosis) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
        throw new AssertionError("waited " + DEADLINE.toSeconds() + " s for: " + what + "\n" + diagnosis.get(), last);
    }
}
