package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pool's file that Karaf reads while somebody writes it. */
@ExtendWith(OurKaraf.class)
class TornFileTest {

    private static final String FILE = "etc/" + Workers.CFG;

    private final Karaf karaf;
    private final Workers workers;

    TornFileTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void poolKeepsItsSettingsUntilTheFileIsWritten() throws Exception {
        workers.configure("workers", "3");
        try {
            workers.awaitOn(3);
            karaf.settled();
            Set<Long> before = workers.pids();
            Path file = karaf.file(FILE);
            String text = Files.readString(file);
            int lines = karaf.log().size();
            try (OutputStream writer = Files.newOutputStream(file)) {
                karaf.await(
                        "the warning",
                        () -> karaf.logSince(lines).stream()
                                .anyMatch(line -> line.contains(Workers.CFG + " is empty")));
                // Told of the update by now: Karaf hears of changes in their order.
                karaf.settled();
                assertTrue(karaf.shell("worker:info default").contains("3 of 3"), karaf.shell("worker:info default"));
                assertEquals(0, Files.size(file), "nobody but its writer writes into it");
                writer.write(text.replace("workers = 3", "workers = 4").getBytes(StandardCharsets.ISO_8859_1));
            }
            workers.awaitOn(4);
            assertTrue(workers.pids().containsAll(before), "none was replaced");
            assertTrue(karaf.read(Workers.CFG).contains("settle.time = 1\n"));
            assertTrue(
                    karaf.read(Workers.CFG).contains("# Number of worker processes."), "the file keeps its comments");
        } finally {
            workers.configure("workers", "2");
            workers.awaitOn(2);
        }
    }
}
