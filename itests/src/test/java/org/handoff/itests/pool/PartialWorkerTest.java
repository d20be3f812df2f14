package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.handoff.itests.handlers.partial.Failing;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Watched;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker in which one handler of several fails, though it worked in the first worker of the generation. */
@ExtendWith(OurKaraf.class)
class PartialWorkerTest {

    private static final String FAILING = "/partial/failing";
    private static final String WHOLE = "/partial";

    private final Karaf karaf;
    private final Workers workers;
    private final Path cause = Karaf.FOLDER.resolve("failing");
    /** What clients got that they may not get. */
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    private final Set<String> statuses = ConcurrentHashMap.newKeySet();

    PartialWorkerTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @BeforeEach
    void deploy() throws Exception {
        karaf.deployAndAwait(
                HandlerBundle.build("test.partial", Failing.class, Failing.CAUSE, cause.toString()),
                "partial.jar",
                FAILING);
        workers.awaitOn(2);
    }

    @AfterEach
    void undeploy() throws Exception {
        Files.deleteIfExists(cause);
        workers.configure("workers", "2", "queue.timeout", "10");
        karaf.undeployAndAwait("partial.jar", WHOLE);
        workers.awaitOn(2);
    }

    /** Each on a connection that it keeps, of both handlers in turn. */
    private Watched watch() {
        return new Watched(karaf.httpPort(), List.of(WHOLE, FAILING), (target, sent, received, answer) -> {
            if (answer.startsWith(Watched.STATUS)) {
                statuses.add(target + " " + answer);
            } else if (!answer.startsWith(target.equals(WHOLE) ? "whole in " : "failing in ")) {
                wrong.add(target + ": " + answer);
            }
        });
    }

    @Test
    void itIsRefusedWhileAnotherWorkerServesTheHandler() throws Exception {
        int before = karaf.log().size();
        Set<Long> former = workers.pids();
        Files.createFile(cause);
        try (Watched watched = watch()) {
            assertEquals("", karaf.shell("worker:recycle default").strip());
            karaf.await(
                    "the end of a worker without the handler",
                    () -> karaf.logSince(before).stream()
                            .anyMatch(line -> line.contains("has ended: killed, it does not serve ")
                                    && line.contains("it fails in this process")));
            karaf.awaitPrinted("worker:list", "it fails in this process");
            karaf.awaitPrinted("worker:info default", "it fails in this process");
            assertTrue(workers.pids().containsAll(former), "the former ones go on");
            Files.delete(cause);
            karaf.await(
                    "two others",
                    () -> workers.pids().size() == 2 && workers.pids().stream().noneMatch(former::contains));
            workers.awaitOn(2);
        }
        assertEquals(List.of(), List.copyOf(wrong));
        assertEquals(Set.of(), statuses);
    }

    @Test
    void itIsTakenWhereNoOtherWorkerServesAndTheHandlersRequestsAre503UntilOneDoes() throws Exception {
        // So that nobody is refused before the next worker is ready.
        workers.configure("workers", "1", "queue.timeout", "60");
        workers.awaitOn(1);
        Set<Long> former = workers.pids();
        Files.createFile(cause);
        // Not its end: the requests that it has begun are to be answered.
        assertEquals("", karaf.shell("worker:off " + id()).strip());
        try (Watched watched = watch()) {
            assertEquals("", karaf.shell("worker:recycle default").strip());
            karaf.awaitStatus(503, FAILING);
            Http.Answer refused = karaf.get(FAILING);
            assertEquals(503, refused.status());
            assertTrue(Integer.parseInt(refused.field("Retry-After")) >= 1, refused.head());
            karaf.await("the other handler", () -> karaf.get(WHOLE).status() == 200);
            karaf.awaitPrinted("worker:list", "it fails in this process");
            karaf.awaitPrinted("monitor:contexts", "it fails in this process");
            Files.delete(cause);
            karaf.awaitStatus(200, FAILING);
            karaf.await("no problem", () -> !karaf.shell("worker:list").contains("it fails in this process"));
            workers.awaitOn(1);
            assertTrue(workers.pids().stream().noneMatch(former::contains));
        }
        assertEquals(List.of(), List.copyOf(wrong));
        assertEquals(Set.of(FAILING + " " + Watched.STATUS + 503), statuses);
    }

    /** Of the only worker. */
    private String id() throws Exception {
        List<Map<String, String>> rows = workers.rows();
        assertEquals(1, rows.size(), rows.toString());
        return rows.get(0).get("id");
    }
}
