package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.handoff.testkit.Jdks;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.runtime.bundles.Large;
import org.handoff.worker.runtime.bundles.Sum;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that together would fill a worker's heap, if each of them got what one may have. */
@Timeout(300)
class CrowdTest {

    private static final String HEAP = "-Xmx40m";
    private static final int UPLOADS = 800;
    private static final int DOWNLOADS = 8;
    private static final String BODY = "x".repeat(65_000);
    private static final String UPLOAD =
            "POST /sum HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY;

    @TempDir
    Path directory;

    private final List<MonitoredClient> crowd = new ArrayList<>();
    private TestPool pool;

    @BeforeEach
    void start() throws Exception {
        Path generation = Files.write(
                directory.resolve("generation.properties"),
                List.of(
                        "generation=1",
                        "bundle.1="
                                + new TestBundle("sum")
                                        .component(Sum.class, "/sum", "")
                                        .write(directory),
                        "handler.1.bundle=1",
                        "handler.1.context.1=/sum",
                        "handler.1.component=" + Sum.class.getName(),
                        "bundle.2="
                                + new TestBundle("large")
                                        .component(Large.class, "/large", "")
                                        .write(directory),
                        "handler.2.bundle=2",
                        "handler.2.context.1=/large",
                        "handler.2.component=" + Large.class.getName()));
        pool = new TestPool(
                Jdks.OURS,
                directory,
                generation,
                "1",
                Map.of("HANDOFF_DISPATCH", "connection"),
                HEAP,
                "-jar",
                RuntimeJar.path());
        pool.ready();
    }

    @AfterEach
    void close() throws Exception {
        for (MonitoredClient client : crowd) {
            client.close();
        }
        pool.close();
    }

    /** @param inHead how much of the request comes with the connection, as its monitor has read it */
    private MonitoredClient join(String sent, int inHead) throws Exception {
        MonitoredClient client = new MonitoredClient();
        crowd.add(client);
        int number = crowd.size();
        pool.handOff(client, number, number, sent.substring(0, inHead));
        // So that the socket is never full.
        pool.send(FrameType.PING);
        pool.await(FrameType.PONG);
        client.send(sent.substring(inHead));
        return client;
    }

    @Test
    void isServedWhateverHasComeOfItsBodies() throws Exception {
        for (int i = 0; i < UPLOADS; i++) {
            join(UPLOAD.substring(0, 60_000), i % 2 == 0 ? 0 : 60_000);
        }
        assertEquals(
                "200 " + Sum.of("abc".getBytes()),
                join("POST /sum HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 0)
                        .statusAndBody(),
                pool::output);
        for (int i = 0; i < UPLOADS; i += 10) {
            crowd.get(i).send(UPLOAD.substring(60_000));
            assertEquals("200 " + Sum.of(BODY.getBytes()), crowd.get(i).statusAndBody(), pool::output);
        }
    }

    @Test
    void isServedThoughNobodyReadsTheResponses() throws Exception {
        for (int i = 0; i < DOWNLOADS; i++) {
            join("GET /large?whole HTTP/1.1\r\nHost: h\r\n\r\n", 0);
        }
        assertEquals(
                "200 " + Sum.of("abc".getBytes()),
                join("POST /sum HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 0)
                        .statusAndBody(),
                pool::output);
        // A handler that finds no memory costs its request only, so that the answer alone says little.
        assertFalse(pool.output().contains("OutOfMemoryError"), pool::output);
    }
}
