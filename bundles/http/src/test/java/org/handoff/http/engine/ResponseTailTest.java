package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.handoff.http.ResponseTail;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client has not taken of a response when its handler is done is in a file, from which others can go on. */
@Timeout(300)
class ResponseTailTest {

    private static final byte[] BODY = HttpEngineTest.pattern(20_000_000);
    private static final String LONG_FIELD = "x".repeat(100_000);
    private static final int LITTLE = 4096;
    private static final int MUCH = 1 << 18;
    /** What the kernel takes of a response though its client reads nothing. */
    private static final int BEGINNING = 40_000;

    @TempDir
    Path temp;

    @TempDir
    Path files;

    private Served server;

    /** What the owner of a connection gets. @param from the offset of the first byte that was copied */
    private record Got(ResponseTail rest, long from, byte[] bytes) {

        static Got of(ResponseTail rest) throws IOException {
            int before = rest.before().readableBytes();
            boolean ring = rest.capacity() != ResponseTail.NO_RING;
            long from = ring ? Math.max(rest.origin(), rest.length() - rest.capacity()) : rest.origin() - before;
            ByteBuffer copy = ByteBuffer.allocate((int) (rest.length() - from));
            if (!ring) {
                copy.put(rest.before().nioBuffer());
            }
            // Not closed: the descriptor is the engine's.
            FileChannel file = new FileInputStream(rest.file()).getChannel();
            while (copy.hasRemaining()) {
                long offset = from + copy.position() - rest.origin();
                long at = ring ? offset % rest.capacity() : rest.start() + offset;
                int limit = copy.limit();
                if (ring) {
                    copy.limit((int) Math.min(limit, copy.position() + rest.capacity() - at));
                }
                // Before what is left the file may have anything, or a hole.
                assertTrue(file.read(copy, at) > 0, "at " + at + " of " + file.size());
                copy.limit(limit);
            }
            return new Got(rest, from, copy.array());
        }
    }

    private void serve(long spool, Handler handler) {
        HttpLimits d = HttpLimits.defaults();
        server = new Served(
                new HttpLimits(
                        d.requestLine(),
                        d.header(),
                        d.body(),
                        d.bodyMemory(),
                        d.memory(),
                        d.headerTime(),
                        d.bodyTime(),
                        d.idleTime(),
                        Duration.ofSeconds(30),
                        spool,
                        temp),
                handler);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        try (Stream<Path> left = Files.list(temp)) {
            assertEquals(0, left.count());
        }
        // A handler's thread may close its file behind the response.
        awaitEquals("files left open", List.of(), () -> OpenDescriptors.below(temp));
        awaitEquals("files left open", List.of(), () -> OpenDescriptors.below(files));
    }

    private void answer(Request request, Response response) throws IOException {
        switch (request.path()) {
            case "/bytes" -> response.send(BODY);
            case "/stream" -> response.stream().write(BODY);
            case "/flushed" -> {
                OutputStream out = response.stream();
                for (int at = 0; at < BODY.length; at += 50_000) {
                    out.write(BODY, at, 50_000);
                    out.flush();
                }
            }
            case "/ring" -> {
                OutputStream out = response.stream();
                out.write(BODY, 0, BEGINNING);
                out.flush();
                await("beginning with the kernel", () -> server.isWritten(0));
                out.write(BODY, BEGINNING, BODY.length - BEGINNING);
            }
            case "/file" -> response.send(Files.write(files.resolve("body"), BODY));
            case "/part" -> sendPart(response);
            case "/long-head" -> {
                server.connections.get(0).channel.config().setSendBufferSize(LITTLE);
                response.header("X-Long", LONG_FIELD).send(Files.write(files.resolve("body"), BODY));
            }
            case "/long-head-and-part" -> {
                server.connections.get(0).channel.config().setSendBufferSize(LITTLE);
                sendPart(response.header("X-Long", LONG_FIELD));
            }
            default -> response.send(request.path());
        }
    }

    /** The body is not all of the file. */
    private void sendPart(Response response) throws IOException {
        byte[] larger = new byte[BEGINNING + BODY.length + LITTLE];
        System.arraycopy(BODY, 0, larger, BEGINNING, BODY.length);
        Path file = Files.write(files.resolve("body"), larger);
        response.send(new FileInputStream(file.toFile()), BEGINNING, BODY.length);
    }

    /** A client that has next to no room for what it does not read. */
    private Client smallClient() throws IOException {
        return client(LITTLE);
    }

    /** A client with so much room for what it does not read, which the kernel does not enlarge either. */
    private Client client(int room) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(room);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        return new Client(socket);
    }

    @ParameterizedTest
    @CsvSource({
        "/bytes, 1.1, 1073741824",
        "/stream, 1.1, 1073741824",
        "/flushed, 1.1, 1073741824",
        "/stream, 1.0, 1073741824",
        "/file, 1.1, 1073741824",
        "/file, 1.0, 1073741824",
        "/bytes, 1.1, 20000403",
        "/ring, 1.1, 19990000",
        "/part, 1.1, 1073741824",
        "/long-head, 1.1, 1073741824",
        "/long-head-and-part, 1.1, 1073741824"
    })
    void whatTheClientDoesNotTakeIsInAFileBeforeAnotherHandlerIsCalled(String path, String version, long spool)
            throws Exception {
        List<String> called = new CopyOnWriteArrayList<>();
        List<Got> got = new CopyOnWriteArrayList<>();
        List<String> calledBefore = new CopyOnWriteArrayList<>();
        serve(spool, (request, response) -> {
            called.add(request.path());
            answer(request, response);
        });
        server.takeTails((connection, rest, safe) -> {
            got.add(Got.of(rest));
            calledBefore.addAll(called);
            // As if the process were dead: what the kernel has arrives, and not a byte more.
            connection.channel.shutdown();
            safe.run();
        });
        try (Client slow = smallClient();
                Client next = server.client()) {
            slow.send("GET " + path + " HTTP/" + version + "\r\nHost: h\r\n\r\n");
            await("call", () -> !called.isEmpty());
            assertEquals("/next", next.get("/next").answer().text());
            assertEquals(1, got.size());
            assertEquals(List.of(path), calledBefore);
            byte[] taken = slow.in().readAllBytes();
            Got rest = got.get(0);
            assertTrue(taken.length < rest.rest().length(), "taken " + taken.length);
            assertTrue(taken.length >= rest.from(), "taken " + taken.length + ", copied from " + rest.from());
            assertEquals(
                    path.startsWith("/long-head"), taken.length < rest.rest().origin(), "a part of the head is left");
            assertEquals(!version.equals("1.0"), rest.rest().keeps());
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.write(taken);
            int skipped = (int) (taken.length - rest.from());
            whole.write(rest.bytes(), skipped, rest.bytes().length - skipped);
            assertEquals(rest.rest().length(), whole.size());
            check(path, version, whole.toByteArray());
        }
    }

    private static void check(String path, String version, byte[] response) {
        String text = new String(response, StandardCharsets.ISO_8859_1);
        int bodyAt = text.indexOf("\r\n\r\n") + 4;
        assertEquals(path.startsWith("/long-head"), text.substring(0, bodyAt).contains(LONG_FIELD));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean chunked = !version.equals("1.0") && !text.substring(0, bodyAt).contains("Content-Length");
        int at = bodyAt;
        while (chunked) {
            int end = text.indexOf("\r\n", at);
            int size = Integer.parseInt(text.substring(at, end), 16);
            body.write(response, end + 2, size);
            at = end + 4 + size;
            chunked = size > 0;
        }
        body.write(response, at, response.length - at);
        assertArrayEquals(BODY, body.toByteArray());
    }

    @Test
    void theEngineGoesOnWritingMeanwhile() throws Exception {
        List<Got> got = new CopyOnWriteArrayList<>();
        serve(1L << 30, this::answer);
        server.takeTails((connection, rest, safe) -> {
            got.add(Got.of(rest));
            safe.run();
        });
        // Behind a response that came slowly the kernel would take the next one whole, if it may.
        try (Client client = client(MUCH)) {
            for (String path : List.of("/bytes", "/stream", "/file", "/flushed")) {
                int before = got.size();
                client.get(path);
                await("rest of " + path, () -> got.size() > before);
                assertArrayEquals(BODY, client.answer().body(), path);
            }
            assertEquals("/next", client.get("/next").answer().text());
        }
        assertEquals(4, got.size());
    }

    @ParameterizedTest
    @CsvSource({"/bytes, 4096", "/bytes, 100001", "/stream, 4096", "/stream, 100001"})
    void aFileSmallerThanAPieceOfTheResponseIsEnough(String path, long spool) throws Exception {
        serve(spool, this::answer);
        server.takeTails((connection, rest, safe) -> safe.run());
        try (Client client = client(MUCH)) {
            assertArrayEquals(BODY, client.get(path).answer().body());
            assertEquals("/next", client.get("/next").answer().text());
        }
    }

    @Test
    void itIsNotInMemoryAnyMore() throws Exception {
        AtomicReference<WeakReference<byte[]>> sent = new AtomicReference<>();
        CountDownLatch told = new CountDownLatch(1);
        serve(1L << 30, (request, response) -> {
            byte[] body = BODY.clone();
            sent.set(new WeakReference<>(body));
            response.send(body);
        });
        server.takeTails((connection, rest, safe) -> {
            told.countDown();
            safe.run();
        });
        try (Client slow = smallClient()) {
            slow.get("/");
            told.await();
            await("response that is only in its file", () -> server.memory.used() == 0);
            await("body that nobody refers to", () -> {
                System.gc();
                return sent.get().get() == null;
            });
            assertArrayEquals(BODY, slow.answer().body());
        }
    }

    @Test
    void aClientThatGoesLetsTheHandlerGo() throws Exception {
        List<Runnable> safes = new CopyOnWriteArrayList<>();
        serve(1L << 30, this::answer);
        server.takeTails((connection, rest, safe) -> safes.add(safe));
        try (Client client = server.client();
                Client next = server.client()) {
            client.get("/bytes");
            await("rest", () -> safes.size() == 1);
            next.get("/next");
            client.close();
            await("end", () -> server.connections.get(0).ends == 1);
            // Whoever has the rest says so in any case.
            safes.get(0).run();
            assertEquals("/next", next.answer().text());
        }
    }

    @Test
    void whatTheKernelTakesAtOnceHasNoRest() throws Exception {
        List<Got> got = new CopyOnWriteArrayList<>();
        serve(1L << 30, (request, response) -> {
            if (request.path().equals("/file")) {
                response.send(Files.write(files.resolve("body"), new byte[100_000]));
            } else {
                response.stream().write(BODY, 0, 100_000);
            }
        });
        server.takeTails((connection, rest, safe) -> {
            got.add(Got.of(rest));
            safe.run();
        });
        try (Client client = server.client()) {
            for (int i = 0; i < 100; i++) {
                assertEquals(
                        100_000,
                        client.get(i % 2 == 0 ? "/file" : "/stream").answer().body().length);
            }
        }
        assertFalse(got.size() > 10, "of 100, left: " + got.size());
    }
}
