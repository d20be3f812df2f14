package org.handoff.testkit;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Waiting for what happens on other threads, or in other processes, and has no event of its own. A condition that
 * throws an exception does not hold yet; one that throws an error fails the test at once.
 */
public final class Await {

    /**
     * Long enough for a slow machine, as it passes only where a test fails: three Karafs that started at once, on two
     * processors with thirty other processes to run, took a minute.
     */
    public static final Duration DEADLINE = Duration.ofSeconds(120);

    private static final long SHORTEST_PAUSE = Duration.ofMillis(1).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofMillis(50).toNanos();
    /** A pause is as long as this part of the time that has passed. */
    private static final int PART = 16;
    /** A pause is at least so many times as long as the look before it: looks leave processors to what is awaited. */
    private static final int TIMES = 3;

    private static final long LONGEST_PAUSE_OF_LONG_LOOKS =
            Duration.ofMillis(500).toNanos();

    private Await() {}

    /** Waits until the condition holds; past the deadline fails with what was waited for. */
    public static void await(String what, Callable<Boolean> condition) {
        awaitEquals(what, true, condition);
    }

    /** Waits until the condition holds; past the deadline fails with what was waited for, and why it seems missing. */
    public static void await(String what, Callable<Boolean> condition, Supplier<String> diagnosis) {
        Look<Boolean> last = look(true, condition);
        if (!last.equals(new Look<>(true, null))) {
            throw new AssertionError(missing(what) + '\n' + diagnosis.get(), last.thrown);
        }
    }

    /** Waits until the value is the expected one; past the deadline fails with the last one. */
    public static <T> void awaitEquals(String what, T expected, Callable<T> value) {
        Look<T> last = look(expected, value);
        if (!last.equals(new Look<>(expected, null))) {
            throw new AssertionError(
                    missing(what) + ": expected " + expected + ", and last it was " + last.value, last.thrown);
        }
    }

    /** Waits until the condition holds. @return whether it came to hold before the deadline */
    public static boolean happens(Callable<Boolean> condition) {
        return look(true, condition).equals(new Look<>(true, null));
    }

    private static String missing(String what) {
        return "waited in vain for: " + what;
    }

    /** What was seen last. */
    private record Look<T>(T value, Exception thrown) {}

    private static <T> Look<T> look(T expected, Callable<T> value) {
        long begin = System.nanoTime();
        while (true) {
            long looks = System.nanoTime();
            long passed = looks - begin;
            Look<T> look = once(value);
            boolean over = passed > DEADLINE.toNanos() || Thread.currentThread().isInterrupted();
            if (over || look.thrown == null && Objects.equals(expected, look.value)) {
                return look;
            }
            long pause = Math.max(SHORTEST_PAUSE, Math.min(LONGEST_PAUSE, passed / PART));
            long looked = System.nanoTime() - looks;
            LockSupport.parkNanos(Math.max(pause, Math.min(LONGEST_PAUSE_OF_LONG_LOOKS, TIMES * looked)));
        }
    }

    private static <T> Look<T> once(Callable<T> value) {
        try {
            return new Look<>(value.call(), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Look<>(null, e);
        } catch (Exception e) {
            return new Look<>(null, e);
        }
    }
}
