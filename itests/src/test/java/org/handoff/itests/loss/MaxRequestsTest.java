package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.load.MarkedLoad;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers that leave after exactly so many requests. */
@ExtendWith(OurKaraf.class)
class MaxRequestsTest {

    private static final int CLIENTS = 64;
    private static final int MOST = 100;

    @TempDir
    Path folder;

    private final Karaf karaf;

    MaxRequestsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource
    void noWorkerServesOneRequestMoreThanItMayAndNoneIsLost(TestedPool.Kind kind) throws Exception {
        try (TestedPool pool =
                new TestedPool(karaf, kind, "max.requests.jitter", "0", "max.requests", Integer.toString(MOST))) {
            int spent = kind.times(8);
            MarkedLoad load = new MarkedLoad(karaf.httpPort(), CLIENTS, pool.serveMarks(), folder);
            try (load) {
                karaf.await(spent + " workers to be spent", () -> spent(load) >= spent);
            }
            assertEquals(List.of(), load.broken());
            assertEquals(List.of(), load.lost());
            long begun = 0;
            for (List<String> names : load.begun().values()) {
                assertTrue(names.size() <= MOST, "a worker has begun " + names.size());
                begun += names.size();
            }
            assertEquals(load.answered().size(), begun, "each was answered, and none was begun twice");
            System.out.printf(
                    "%s, max.requests = %d, %d kept connections: %d workers served exactly %d, none more, "
                            + "%d requests answered, 0 failed, 0 connections closed; %s%n",
                    kind, MOST, CLIENTS, spent(load), MOST, begun, load.latencies());
        }
    }

    private static long spent(MarkedLoad load) throws Exception {
        return load.begun().values().stream()
                .filter(names -> names.size() == MOST)
                .count();
    }
}
