package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import org.handoff.itests.handlers.marks.Marks;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.MarkedLoad;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Workers that leave after exactly so many requests. */
@ExtendWith(OurKaraf.class)
class MaxRequestsTest {

    private static final int CLIENTS = 64;
    private static final int MOST = 100;
    private static final int SPENT = Runs.times(8);

    @TempDir
    Path folder;

    private final Karaf karaf;
    private final Workers workers;

    MaxRequestsTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void noWorkerServesOneRequestMoreThanItMayAndNoneIsLost() throws Exception {
        workers.configure("max.requests.jitter", "0", "max.requests", Integer.toString(MOST));
        karaf.deploy(HandlerBundle.build("test.marks", Marks.class), "marks.jar");
        // Without its folder the handler fails.
        karaf.awaitStatus(500, "/marks");
        try {
            MarkedLoad load = new MarkedLoad(karaf.httpPort(), CLIENTS, folder);
            try (load) {
                karaf.await(SPENT + " workers to be spent", () -> spent(load) >= SPENT);
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
                    "max.requests = %d, %d kept connections: %d workers served exactly %d, none more, "
                            + "%d requests answered, 0 failed, 0 connections closed; %s%n",
                    MOST, CLIENTS, spent(load), MOST, begun, load.latencies());
        } finally {
            karaf.undeployAndAwait("marks.jar", "/marks");
            workers.configure("max.requests", "0", "max.requests.jitter", "20");
            workers.awaitOn(2);
        }
    }

    private static long spent(MarkedLoad load) throws Exception {
        return load.begun().values().stream()
                .filter(names -> names.size() == MOST)
                .count();
    }
}
