package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.netty.buffer.UnpooledByteBufAllocator;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A slow client costs a descriptor and disk space, never the handler's thread. */
@Timeout(300)
class SlowClientTest {

    private static final byte[] BODY = HttpEngineTest.pattern(50_000_000);

    @TempDir
    Path temp;

    private Served server;

    private HttpLimits limits(long body, Duration time, long spool) {
        return limits(body, time, spool, temp);
    }

    private static HttpLimits limits(long body, Duration time, long spool, Path folder) {
        HttpLimits d = HttpLimits.defaults();
        return new HttpLimits(
                d.requestLine(), d.header(), body, 1000, d.memory(), time, time, d.idleTime(), time, spool, folder);
    }

    private Client serve(HttpLimits limits, Handler handler) throws IOException {
        server = new Served(limits, handler);
        return server.client();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    /** A file has its name until it is open. */
    private void awaitNoFiles() {
        awaitEquals("names of files", List.of(), () -> {
            try (Stream<Path> files = Files.list(temp)) {
                return files.toList();
            }
        });
    }

    private static void answer(String path, org.handoff.worker.api.Response response) throws IOException {
        switch (path) {
            case "/stream" -> {
                OutputStream out = response.stream();
                for (int at = 0; at < BODY.length; at += 50_000) {
                    out.write(BODY, at, 50_000);
                }
            }
            case "/bytes" -> response.send(BODY);
            default -> response.send("quick");
        }
    }

    @Test
    void aClientThatDoesNotReadHoldsNobodyUp() throws Exception {
        HttpLimits limits = limits(1 << 20, Duration.ofSeconds(30), 1L << 30);
        try (Client slow = serve(limits, (request, response) -> answer(request.path(), response));
                Client alsoSlow = server.client();
                Client quick = server.client()) {
            slow.get("/stream").get("/quick");
            alsoSlow.get("/bytes");
            assertEquals("quick", quick.get("/quick").answer().text());
            assertEquals("quick", quick.get("/quick").answer().text());
            assertArrayEquals(BODY, slow.answer().body());
            assertEquals("quick", slow.answer().text());
            assertArrayEquals(BODY, alsoSlow.answer().body());
            assertEquals("quick", alsoSlow.get("/quick").answer().text());
            awaitNoFiles();
        }
    }

    @Test
    void aSmallSpoolIsUsedInARing() throws Exception {
        HttpLimits limits = limits(1 << 20, Duration.ofSeconds(30), 100_001);
        try (Client client = serve(limits, (request, response) -> answer("/stream", response))) {
            assertArrayEquals(BODY, client.get("/").answer().body());
        }
        awaitNoFiles();
    }

    @Test
    void aFullSpoolWaitsNoLongerThanTheWriteTime() throws Exception {
        AtomicReference<Exception> failure = new AtomicReference<>();
        HttpLimits limits = limits(1 << 20, Duration.ofMillis(300), 100_000);
        try (Client slow = serve(limits, (request, response) -> {
            try {
                answer(request.path(), response);
            } catch (IOException e) {
                failure.set(e);
                throw e;
            }
        })) {
            slow.get("/stream");
            await("failure", () -> failure.get() != null);
            assertThrows(IOException.class, slow::answer);
            try (Client quick = server.client()) {
                assertEquals("quick", quick.get("/quick").answer().text());
            }
        }
        await("end", () -> server.connections.get(0).ends == 1);
    }

    /** As one with a PrintStream does, which ignores failures. */
    @Test
    void aHandlerThatWritesOnThoughItsBytesCannotBeKeptLeavesNoBuffer() throws Exception {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        AtomicReference<Exception> failure = new AtomicReference<>();
        Path gone = Files.createDirectory(temp.resolve("gone"));
        HttpLimits limits = limits(1 << 20, Duration.ofSeconds(30), 1L << 30, gone);
        Files.delete(gone);
        server = new Served(limits, (request, response) -> {
            OutputStream out = response.stream();
            try {
                out.write(BODY);
            } catch (IOException e) {
                failure.set(e);
            }
            out.write('x');
        });
        server.allocateFrom(allocator);
        try (Client slow = server.client()) {
            slow.get("/");
            await("end", () -> server.connection().ends == 1);
            assertThrows(IOException.class, slow::answer);
        }
        assertNotNull(failure.get());
        awaitEquals(
                "bytes in buffers",
                0L,
                () -> allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory());
    }

    @Test
    void aClientThatNeverReadsIsCut() throws Exception {
        HttpLimits limits = limits(1 << 20, Duration.ofMillis(300), 1L << 30);
        try (Client slow = serve(limits, (request, response) -> answer("/stream", response))) {
            slow.get("/");
            await("end", () -> server.connection().ends == 1);
            assertThrows(IOException.class, slow::answer);
        }
        awaitNoFiles();
    }

    @Test
    void aHandlerSeesThatItsClientHasGone() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<Exception> failure = new AtomicReference<>();
        HttpLimits limits = limits(1 << 20, Duration.ofSeconds(30), 1L << 30);
        Client client = serve(limits, (request, response) -> {
            OutputStream out = response.stream();
            try {
                for (; ; ) {
                    out.write(1);
                    out.flush();
                    begun.countDown();
                }
            } catch (IOException e) {
                failure.set(e);
                throw e;
            }
        });
        client.get("/");
        begun.await();
        client.close();
        await("failure", () -> failure.get() != null);
    }

    @Test
    void aLargeBodyLeavesNoFile() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        HttpLimits limits = limits(1 << 20, Duration.ofSeconds(30), 1L << 30);
        try (Client client = serve(limits, (request, response) -> {
            awaitNoFiles();
            go.await();
            response.send(Long.toString(request.body().readAllBytes().length));
        })) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + "x".repeat(500_000));
            go.countDown();
            assertEquals("500000", client.answer().text());
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + "x".repeat(100_000));
        }
        awaitNoFiles();
    }

    @Test
    void aSlowHeadOrBodyIsAnswered408() throws Exception {
        HttpLimits limits = limits(1 << 20, Duration.ofMillis(100), 1L << 20);
        try (Client head = serve(limits, (request, response) -> response.send("x"));
                Client body = server.client()) {
            head.send("GET / HT");
            body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na");
            assertEquals(408, head.answer().status());
            assertTrue(head.atEnd());
            assertEquals(408, body.answer().status());
            assertTrue(body.atEnd());
        }
    }

    @Test
    void tooLargeABodyIsAnswered413EvenWhileTheClientSends() throws Exception {
        HttpLimits limits = limits(1000, Duration.ofSeconds(30), 1L << 20);
        try (Client client = serve(limits, (request, response) -> response.send("x"));
                Client chunked = server.client()) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(1_000_000));
            assertEquals(413, client.answer().status());
            assertTrue(client.atEnd());
            chunked.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + ("100\r\n" + "x".repeat(256) + "\r\n").repeat(2000));
            assertEquals(413, chunked.answer().status());
        }
    }

    @Test
    void aClientThatReadsOnlyWhenItHasSentEverythingIsAnswered413() throws Exception {
        HttpLimits limits = limits(1_000_000, Duration.ofSeconds(30), 1L << 20);
        try (Client client = serve(limits, (request, response) -> response.send("x"))) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY.length + "\r\n\r\n");
            client.socket.getOutputStream().write(BODY);
            assertEquals(413, client.answer().status());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void aRefusedClientMaySendOnForAWhile() throws Exception {
        HttpLimits limits = limits(1000, Duration.ofSeconds(30), 1L << 20);
        try (Client client = serve(limits, (request, response) -> response.send("x"))) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
            assertEquals(413, client.answer().status());
            assertTrue(client.atEnd());
            for (int i = 0; i < 20; i++) {
                client.send("x".repeat(10_000));
            }
        }
        await("end", () -> server.connection().ends == 1);
    }
}
