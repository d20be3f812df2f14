package org.handoff.itests.pool;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Load;
import org.handoff.itests.load.Millis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools that become bigger and smaller. */
@ExtendWith(OurKaraf.class)
class ScaleTest {

    private static final int CLIENTS = 16;

    private final Karaf karaf;
    private final Workers workers;

    ScaleTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void theCommandIsKeptInTheFileAndLosesNoRequest() throws Exception {
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            for (int count : new int[] {4, 1, 3, 2}) {
                assertEquals("", karaf.shell("worker:scale default " + count).strip());
                karaf.await(count + " processes", () -> karaf.workers().size() == count);
                karaf.await(
                        "workers = " + count + " in the file",
                        () -> Files.readString(karaf.file("etc/" + Workers.CFG))
                                .lines()
                                .anyMatch(line -> line.replace(" ", "").equals("workers=" + count)));
                assertEquals(List.of(), load.failures(), "with " + count + " workers");
            }
            load.close();
            assertEquals(List.of(), load.failures());
            System.out.println(CLIENTS + " kept connections, a pool of 2, 4, 1, 3 and 2 workers: " + load.answered()
                    + " requests answered, 0 failed, 0 connections closed");
        } finally {
            workers.configure("workers", "2");
            workers.awaitOn(2);
        }
        assertTrue(karaf.read(Workers.CFG).contains("# Number of worker processes."), "the file keeps its comments");
    }

    @Test
    void anIdlePoolShrinksToNothingAndTheFirstRequestWaitsForTheStart() throws Exception {
        try {
            workers.configure("min.workers", "0", "idle.timeout", "1");
            karaf.await("no process", () -> karaf.workers().isEmpty());
            int logged = karaf.log().size();
            Millis start = new Millis();
            Http.Answer first = start.measure(() -> karaf.get("/hello"));
            assertEquals(200, first.status(), first.text());
            System.out.printf(
                    Locale.ROOT,
                    "the first request to a pool without workers: answered after %.0f ms%n",
                    start.percentile(100));
            karaf.await("no process again", () -> karaf.workers().isEmpty());
            assertEquals(
                    1,
                    karaf.log().stream()
                            .skip(logged)
                            .filter(line -> line.contains(" is ready after "))
                            .count(),
                    "workers that were started");
        } finally {
            workers.configure("min.workers", "-1", "idle.timeout", "300");
            workers.awaitOn(2);
        }
    }

    @Test
    void aPoolGrowsWhileConnectionsWaitAndShrinksAfterwards() throws Exception {
        try {
            workers.configure("max.workers", "3", "idle.timeout", "5");
            workers.awaitOn(2);
            Set<Long> before = workers.pids();
            for (var row : workers.rows()) {
                assertEquals("", karaf.shell("worker:off " + row.get("id")).strip());
            }
            Http.Answer answer = karaf.get("/hello");
            assertEquals(200, answer.status());
            assertFalse(before.contains(pidIn(answer)), "another worker answers");
            for (var row : workers.rows()) {
                karaf.shell("worker:on " + row.get("id"));
            }
            karaf.await("two processes", () -> karaf.workers().size() == 2);
            assertEquals(200, karaf.get("/hello").status());
        } finally {
            workers.configure("max.workers", "-1", "idle.timeout", "300");
            workers.awaitOn(2);
        }
    }

    @Test
    void whatIsNotPossibleIsOneClearLineAndChangesNothing() throws Exception {
        for (String[] wrong : new String[][] {
            {"default 0", "workers = 0"}, {"default -1", "workers = -1"}, {"nowhere 2", "there is no pool nowhere"}
        }) {
            String printed = karaf.shell("worker:scale " + wrong[0]).strip();
            assertEquals(1, printed.lines().count(), printed);
            assertTrue(printed.contains(wrong[1]), printed);
        }
        workers.awaitOn(2);
    }

    @Test
    void poolThatCannotBeMadeIsShownAndDisturbsNobody() throws Exception {
        String file = "org.handoff.pool-typo.cfg";
        karaf.write(file, "heap = 12parsecs\n");
        try {
            String reason = "Pool typo is not made: etc/" + file + " has heap = 12parsecs";
            karaf.await("its reason", () -> karaf.shell("worker:list").contains(reason));
            assertEquals(2, workers.rows().size());
            assertTrue(karaf.shell("worker:top").contains("Pool default: 2 workers of 2"));
            assertTrue(karaf.shell("worker:info typo").contains("heap = 12parsecs"));
            assertTrue(karaf.shell("worker:scale typo 3").contains("heap = 12parsecs"));
            assertEquals("", karaf.shell("worker:recycle default").strip());
            karaf.write(file, "heap = 32m\n");
            karaf.await("the pool", () -> !karaf.shell("worker:list").contains("Pool typo"));
        } finally {
            karaf.delete(file);
            karaf.await(
                    "its end", () -> karaf.shell("worker:info typo").contains("there is no worker typo, nor a pool"));
            workers.awaitOn(2);
        }
    }
}
