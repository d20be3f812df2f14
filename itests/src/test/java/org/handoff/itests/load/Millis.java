package org.handoff.itests.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** How long things took, in milliseconds. */
public final class Millis {

    private final List<Double> all = new ArrayList<>();

    public <T> T measure(Callable<T> task) throws Exception {
        long begin = System.nanoTime();
        T result = task.call();
        all.add((System.nanoTime() - begin) / 1e6);
        return result;
    }

    /** The value that so many percent are not above. */
    public double percentile(int percent) {
        List<Double> sorted = new ArrayList<>(all);
        Collections.sort(sorted);
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d measured: median %.2f ms, 90 %% within %.2f ms, all within %.2f ms",
                all.size(),
                percentile(50),
                percentile(90),
                percentile(100));
    }
}
