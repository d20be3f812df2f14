package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.handoff.http.HttpConnection;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.testkit.Client;
import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.EventStream;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Responses that are given after their handler has returned. */
@Timeout(300)
class AsyncResponseTest {

    private static final int MOST = 3;
    private static final Path LOG = Path.of(System.getProperty("org.slf4j.simpleLogger.logFile", "target/test.log"));

    private static final Duration LONG = Duration.ofHours(1);

    private final BlockingQueue<AsyncResponse> later = new LinkedBlockingQueue<>();
    private final BlockingQueue<EventStream> streams = new LinkedBlockingQueue<>();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger sentEarly = new AtomicInteger();
    private final Semaphore holding = new Semaphore(0);
    private final Semaphore held = new Semaphore(0);
    private Served server;

    @BeforeEach
    void serve() {
        server = new Served(
                HandlerOptions.from(Map.of("http.async.max", Integer.toString(MOST), "http.async.buffer", "100000")),
                this::answer);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private void answer(Request request, Response response) throws IOException {
        switch (request.path()) {
            case "/later" ->
                later.add(ending(response.status(201).header("X-Set", "before").async(LONG, 204)));
            case "/short" -> later.add(ending(response.async(Duration.ofMillis(1), 204)));
            case "/at-once" -> ending(response.async(LONG, 204)).send("at once");
            case "/impossible" -> response.async(LONG, 99);
            case "/failing" -> {
                ending(response.async(LONG, 204)).send("not sent");
                throw new IOException("on purpose");
            }
            case "/held" -> {
                hold();
                response.send("held");
            }
            case "/failing-held" -> {
                ending(response.async(LONG, 204));
                hold();
                throw new IllegalStateException("on purpose");
            }
            case "/error" ->
                response.async(LONG, 204).onEnd(() -> {
                    throw new AssertionError("on purpose");
                });
            case "/wrong" -> {
                assertThrows(IllegalArgumentException.class, () -> response.async(LONG, 99));
                assertThrows(NullPointerException.class, () -> response.async(null, 204));
                response.send("answered all the same");
            }
            case "/many" -> {
                EventStream stream = response.events();
                String event = "x".repeat(10_000);
                int sent = 0;
                while (sent < 1000 && stream.send(event)) {
                    sent++;
                }
                sentEarly.set(sent);
            }
            case "/thread" -> response.send(Thread.currentThread().getName());
            case "/events" -> {
                EventStream stream = response.events();
                stream.onEnd(ends::incrementAndGet);
                stream.send("1", "first", "two\nlines");
                streams.add(stream);
            }
            default -> response.send(request.path());
        }
    }

    private void hold() {
        holding.release();
        held.acquireUninterruptibly();
    }

    private AsyncResponse ending(AsyncResponse response) {
        response.onEnd(ends::incrementAndGet);
        return response;
    }

    private void awaitEnds(int count) {
        await("the ends", () -> ends.get() == count);
    }

    @Test
    void handlersThreadIsFreeMeanwhile() throws Exception {
        try (Client waiting = server.client();
                Client other = server.client()) {
            waiting.get("/later").get("/pipelined");
            AsyncResponse response = later.take();
            assertEquals("/other", other.get("/other").answer().text());
            assertTrue(response.isOpen());
            assertTrue(response.header("X-Set", "later").send("now"));
            Client.Answer answer = waiting.answer();
            assertEquals(201, answer.status());
            assertEquals("now", answer.text());
            assertEquals("later", answer.field("X-Set"));
            assertEquals("3", answer.field("Content-Length"));
            assertEquals("/pipelined", waiting.answer().text());
            assertFalse(response.send("again"));
            awaitEnds(1);
            assertEquals(1, server.connections.get(0).runs, "its time counts");
        }
    }

    @Test
    void answerMayComeBeforeTheReturn() throws Exception {
        long logged = Files.size(LOG);
        try (Client client = server.client()) {
            for (int i = 1; i <= 2 * MOST; i++) {
                assertEquals("at once", client.get("/at-once").answer().text());
                awaitEnds(i);
            }
        }
        String log = Files.readString(LOG).substring((int) logged);
        assertFalse(log.contains("raised an exception"), log);
    }

    @Test
    void failureOfTheHandlerIsAnswered() throws Exception {
        try (Client client = server.client()) {
            for (int i = 1; i <= 2 * MOST; i++) {
                assertEquals(500, client.get("/failing").answer().status());
                awaitEnds(i);
            }
            assertEquals(500, client.get("/impossible").answer().status());
            assertEquals("/next", client.get("/next").answer().text());
        }
    }

    @Test
    void limitIsAnsweredAsTheHandlerWants() throws Exception {
        try (Client client = server.client()) {
            assertEquals(204, client.get("/short").answer().status());
            awaitEnds(1);
            AsyncResponse over = later.take();
            assertFalse(over.send("too late"));
            over.onEnd(() -> {
                throw new AssertionError("on purpose");
            });
            assertEquals("/next", client.get("/next").answer().text());
        }
    }

    @Test
    void numberIsBounded() throws Exception {
        Client[] clients = new Client[MOST];
        for (int i = 0; i < MOST; i++) {
            clients[i] = server.client().get("/later");
            later.take();
        }
        try (Client more = server.client()) {
            Client.Answer refused = more.get("/later").answer();
            assertEquals(503, refused.status());
            assertEquals("1", refused.field("Retry-After"));
            clients[0].reset();
            awaitEnds(1);
            more.get("/later");
            assertTrue(later.take().send("room"));
            assertEquals("room", more.answer().text());
        }
        for (Client client : clients) {
            client.close();
        }
        awaitEnds(MOST + 1);
    }

    @Test
    void eventsComeOneByOne() throws Exception {
        try (Client client = server.client()) {
            client.get("/events");
            EventStream stream = streams.take();
            String first = "id: 1\nevent: first\ndata: two\ndata: lines\n\n";
            String head = client.until(first);
            assertTrue(head.contains("Content-Type: text/event-stream\r\n"), head);
            assertTrue(head.contains("Cache-Control: no-store\r\n"), head);
            for (int i = 0; i < 100; i++) {
                assertTrue(stream.send("e" + i));
                client.until("data: e" + i + "\n\n");
            }
            stream.close();
            client.until("0\r\n\r\n");
            assertEquals("/next", client.get("/next").answer().text());
            assertFalse(stream.send("too late"));
            assertFalse(stream.isOpen());
            awaitEnds(1);
        }
    }

    @Test
    void clientThatLeavesBeforeItsHandlerBeginsEndsItsResponse() throws Exception {
        try (Client waiting = server.client().get("/held")) {
            holding.acquire();
            try (Client leaving = server.client().get("/later")) {
                await(
                        "the request",
                        () -> server.connections.size() == 2
                                && server.connection().states.contains(HttpConnection.State.HANDLING));
                leaving.socket.shutdownOutput();
                await("the client's end", () -> server.connection().channel.isInputShutdown());
                held.release();
                awaitEnds(1);
                assertEquals(-1, leaving.in().read());
            }
            assertEquals("held", waiting.answer().text());
        }
    }

    @Test
    void clientThatLeavesBeforeItsRequestIsReadEndsItsResponse() throws Exception {
        try (Client client = server.client().get("/held").get("/later")) {
            holding.acquire();
            client.socket.shutdownOutput();
            await("the client's end", () -> server.connection().channel.isInputShutdown());
            held.release();
            assertEquals("held", client.answer().text());
            awaitEnds(1);
            assertEquals(-1, client.in().read());
        }
    }

    @Test
    void endIsToldOnceThoughTheClientGoesAndTheHandlerFails() throws Exception {
        try (Client client = server.client().get("/failing-held")) {
            holding.acquire();
            client.reset();
        }
        await("the end of the connection", () -> server.connection().ends == 1);
        held.release();
        try (Client other = server.client()) {
            // The handler has failed when the first is answered, and a task that it has left was done before the next.
            assertEquals("/1", other.get("/1").answer().text());
            assertEquals("/2", other.get("/2").answer().text());
        }
        assertEquals(1, ends.get());
    }

    @Test
    void errorOfATaskEndsNoThread() throws Exception {
        try (Client client = server.client();
                Client leaving = server.client()) {
            String thread = client.get("/thread").answer().text();
            leaving.get("/error");
            assertEquals(thread, client.get("/thread").answer().text());
            leaving.reset();
            await("the end of the connection", () -> server.connection().ends == 1);
            assertEquals(thread, client.get("/thread").answer().text());
        }
    }

    @Test
    void wrongArgumentsLeaveTheResponseAsItIs() throws Exception {
        try (Client client = server.client()) {
            assertEquals("answered all the same", client.get("/wrong").answer().text());
        }
    }

    @Test
    void whatIsSentBeforeTheReturnIsBoundedToo() throws Exception {
        try (Client client = server.client().get("/many")) {
            await("the cut", () -> server.connection().ends == 1);
            assertTrue(sentEarly.get() <= 11, sentEarly + " events of 10000 bytes");
        }
    }

    @Test
    void largeAnswerIsCopiedInPieces() throws Exception {
        AtomicInteger largest = new AtomicInteger();
        try (Client client = server.client()) {
            server.connection().channel.config().setAllocator(new AbstractByteBufAllocator(true) {
                @Override
                protected ByteBuf newHeapBuffer(int initial, int most) {
                    return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initial, most);
                }

                @Override
                protected ByteBuf newDirectBuffer(int initial, int most) {
                    largest.accumulateAndGet(initial, Math::max);
                    return UnpooledByteBufAllocator.DEFAULT.directBuffer(initial, most);
                }

                @Override
                public boolean isDirectBufferPooled() {
                    return false;
                }
            });
            byte[] body = new byte[3_000_000];
            new Random(1).nextBytes(body);
            client.get("/later");
            assertTrue(later.take().send(body));
            assertArrayEquals(body, client.answer().body());
            assertEquals("/next", client.get("/next").answer().text());
        }
        assertTrue(largest.get() < 200_000, largest + " bytes at once");
    }

    @Test
    void clientThatLeavesEndsItsStream() throws Exception {
        try (Client client = server.client()) {
            client.get("/events");
            EventStream stream = streams.take();
            client.socket.shutdownOutput();
            awaitEnds(1);
            assertFalse(stream.send("nobody"));
        }
    }

    @Test
    void clientThatDoesNotReadIsCut() throws Exception {
        try (Client client = server.client()) {
            client.get("/events");
            EventStream stream = streams.take();
            String event = "x".repeat(50_000);
            await("the cut", () -> !stream.send(event));
            awaitEnds(1);
            await("the end of the connection", () -> server.connection().ends == 1);
        }
    }

    @Test
    void allEndInOrderBeforeTheWorkerDoes() throws Exception {
        try (Client polling = server.client();
                Client reading = server.client()) {
            polling.get("/later");
            later.take();
            reading.get("/events");
            streams.take();
            server.onLoop(() -> server.engine.endAsynchronous());
            assertEquals(204, polling.answer().status());
            String events = new String(reading.answer().body(), StandardCharsets.UTF_8);
            assertTrue(events.endsWith("data: lines\n\n"), events);
            awaitEnds(2);
            assertEquals("/next", reading.get("/next").answer().text());
            assertEquals(204, reading.get("/later").answer().status(), "there is no more time");
        }
    }

    @Test
    void headRequestHasNoEvents() throws Exception {
        try (Client client = server.client()) {
            client.send("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(200, client.answer(true).status());
            assertEquals("/next", client.get("/next").answer().text());
            awaitEnds(1);
        }
    }
}
