package org.handoff.itests.load;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** How long requests took, in steps of 0.1 ms; what took longer than 10 s counts as that. */
public final class Latencies {

    private static final int STEPS = 100_000;
    private static final long NANOS_A_STEP = TimeUnit.MICROSECONDS.toNanos(100);

    private final AtomicIntegerArray counts = new AtomicIntegerArray(STEPS);

    public void record(long nanos) {
        counts.incrementAndGet((int) Math.min(nanos / NANOS_A_STEP, STEPS - 1));
    }

    public int count() {
        int count = 0;
        for (int i = 0; i < STEPS; i++) {
            count += counts.get(i);
        }
        return count;
    }

    /** The milliseconds that so many per cent of the requests did not exceed; 0 where there were none. */
    public double percentile(double percent) {
        double wanted = count() * percent / 100;
        int seen = 0;
        for (int i = 0; i < STEPS; i++) {
            seen += counts.get(i);
            if (seen > 0 && seen >= wanted) {
                return (double) (i + 1) * NANOS_A_STEP / TimeUnit.MILLISECONDS.toNanos(1);
            }
        }
        return 0;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d requests, p50 %.1f ms, p99 %.1f ms, longest %.1f ms",
                count(),
                percentile(50),
                percentile(99),
                percentile(100));
    }
}
