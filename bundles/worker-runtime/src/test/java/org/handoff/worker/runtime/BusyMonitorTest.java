package org.handoff.worker.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

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

/** A monitor that reads nothing for a while, so that the control socket is full. */
@Timeout(300)
class BusyMonitorTest {

    /** More than the socket takes frames. */
    private static final int UPLOADS = 400;

    private static final int DOWNLOADS = 2;
    private static final String BODY = "x".repeat(40_000);
    private static final String UPLOAD =
            "POST /sum HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY;
    private static final String DOWNLOAD = "GET /large?whole HTTP/1.1\r\nHost: h\r\n\r\n";

    @TempDir
    Path directory;

    private final List<MonitoredClient> uploads = new ArrayList<>();
    private Path generation;

    @BeforeEach
    void bundles() throws Exception {
        generation = Files.write(
                directory.resolve("generation.properties"),
                List.of(
                        "generation=1",
                        // However long a busy machine takes: a connection that came back as idle is not what is looked
                        // for.
                        "http.idle.timeout=600",
                        "http.body.timeout=600",
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
    }

    @AfterEach
    void close() throws Exception {
        for (MonitoredClient client : uploads) {
            client.close();
        }
    }

    private TestPool start(Path jar) throws Exception {
        TestPool pool = new TestPool(
                Jdks.OURS,
                directory,
                generation,
                "1",
                Map.of("HANDOFF_DISPATCH", "connection"),
                "-jar",
                jar.toString());
        pool.ready();
        return pool;
    }

    @Test
    void losesNoUploadAndNoDownload() throws Exception {
        List<MonitoredClient> downloads = new ArrayList<>();
        try (TestPool pool = start(Path.of(RuntimeJar.path()))) {
            for (int i = 0; i < DOWNLOADS; i++) {
                downloads.add(new MonitoredClient());
                pool.handOff(downloads.get(i), UPLOADS + i, UPLOADS + i + 1, "");
            }
            CountDownLatch over = fillSocket(pool);
            // A frame that waits has a descriptor of its own.
            await(
                    "more descriptors than the connections and their files have",
                    () -> pool.descriptors() > 2 * UPLOADS + DOWNLOADS,
                    pool::output);
            for (MonitoredClient download : downloads) {
                download.send(DOWNLOAD);
            }
            for (MonitoredClient upload : uploads) {
                upload.send(UPLOAD.substring(UPLOAD.length() / 2));
            }
            over.countDown();
            for (MonitoredClient upload : uploads) {
                assertEquals("200 " + Sum.of(BODY.getBytes(UTF_8)), upload.statusAndBody(), pool::output);
            }
            String large = "200 " + new String(Large.body(), UTF_8);
            for (MonitoredClient download : downloads) {
                assertEquals(large, download.statusAndBody(), "a download");
                download.close();
            }
        }
    }

    @Test
    void anErrorWhereAFrameHasToWaitEndsTheProcessAndNoConnection() throws Exception {
        try (TestPool pool = start(jarWithout("org/handoff/worker/protocol/ControlChannel$Waiting.class"))) {
            CountDownLatch over = fillSocket(pool);
            assertEndsByError(pool, "ControlChannel$Waiting");
            over.countDown();
            for (MonitoredClient upload : uploads) {
                // The monitor still has the connection, and decides about it.
                new io.netty.channel.unix.Socket(upload.descriptor())
                        .write(ByteBuffer.allocateDirect(1).put(0, (byte) 7), 0, 1);
                assertEquals(7, upload.in().readNBytes(1)[0]);
            }
        }
    }

    @Test
    void anErrorOnTheWayOfARestEndsTheProcess() throws Exception {
        try (TestPool pool = start(jarWithout("org/handoff/worker/protocol/UnwrittenTail.class"));
                MonitoredClient client = new MonitoredClient()) {
            pool.handOff(client, 1, 1, DOWNLOAD);
            assertEndsByError(pool, "UnwrittenTail");
        }
    }

    @Test
    void anErrorInAFrameThatCameEndsTheProcess() throws Exception {
        try (TestPool pool = start(jarWithout("org/handoff/worker/runtime/connection/ServedConnection.class"));
                MonitoredClient client = new MonitoredClient()) {
            pool.handOff(client, 1, 1, DOWNLOAD);
            assertEndsByError(pool, "ServedConnection");
        }
    }

    private static void assertEndsByError(TestPool pool, String name) throws Exception {
        assertEquals(1, pool.exitStatus());
        List<String> errors =
                pool.output().lines().filter(line -> line.contains("ERROR")).toList();
        assertEquals(1, errors.size(), pool::output);
        assertTrue(
                errors.get(0)
                                .contains("This worker ends by an error of its JVM, and is replaced: "
                                        + "java.lang.NoClassDefFoundError: ")
                        && errors.get(0).contains(name),
                errors.get(0));
    }

    private Path jarWithout(String type) throws Exception {
        Path jar = Files.copy(Path.of(RuntimeJar.path()), directory.resolve("without.jar"));
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            Files.delete(content.getPath(type));
        }
        return jar;
    }

    /** Begins so many uploads of which the worker has to tell that not all of the frames leave it. */
    private CountDownLatch fillSocket(TestPool pool) throws Exception {
        for (int i = 0; i < UPLOADS; i++) {
            uploads.add(new MonitoredClient());
            pool.handOff(uploads.get(i), i, i + 1, "");
            if (i % 100 == 0) {
                // The worker takes them before its socket is full in this direction.
                pool.send(FrameType.PING);
                pool.await(FrameType.PONG);
            }
        }
        CountDownLatch over = pool.keepBusy();
        for (MonitoredClient upload : uploads) {
            upload.send(UPLOAD.substring(0, UPLOAD.length() / 2));
        }
        return over;
    }
}
