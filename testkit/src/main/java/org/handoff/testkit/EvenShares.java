package org.handoff.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * The promise that of equal workers the busiest has at most 1.2 times the requests of the idlest over 5 s, looked at on
 * a real machine. Such a machine may keep one of the workers from its processor for a second, which no balance can make
 * up for within the same 5 s: so some 5 s before the deadline must be even. A balance that is wrong stays wrong.
 */
public final class EvenShares {

    private static final double RATIO = 1.2;
    private static final Duration LASTING = Duration.ofSeconds(5);

    private EvenShares() {}

    /**
     * Lets a load go on until the workers' shares are even, and prints each look.
     *
     * @param load its name
     * @param requests the number of requests that each worker has answered, by its name; the workers stay the same
     * @return how often it had to look
     */
    public static int await(String load, Callable<Map<String, Long>> requests) {
        List<String> looks = new ArrayList<>();
        Await.await(load + ": even shares", () -> isEven(load, requests, looks), () -> String.join("\n", looks));
        return looks.size();
    }

    private static boolean isEven(String load, Callable<Map<String, Long>> requests, List<String> looks)
            throws Exception {
        Map<String, Long> before = requests.call();
        long end = System.nanoTime() + LASTING.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        Map<String, Long> after = requests.call();
        if (!after.keySet().equals(before.keySet())) {
            throw new AssertionError(load + ": the workers have changed from " + before + " to " + after);
        }
        List<Long> answered = after.entrySet().stream()
                .map(worker -> worker.getValue() - before.get(worker.getKey()))
                .sorted()
                .toList();
        double ratio = (double) answered.get(answered.size() - 1) / answered.get(0);
        String look = String.format(
                Locale.ROOT,
                "%s: the busiest worker has %.2f times the requests of the idlest: %s",
                load,
                ratio,
                answered);
        System.out.println(look);
        looks.add(look);
        return ratio <= RATIO;
    }
}
