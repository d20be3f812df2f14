package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.handoff.http.Router;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.testkit.Client;
import org.handoff.testkit.Log;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many clients together take no more memory than there is for all of them. */
@Timeout(300)
class CrowdTest {

    private static final int MEMORY = 1 << 20;
    private static final int CLIENTS = 100;
    /** What the last one may bring before it is counted. */
    private static final int ONE_READ = 64 * 1024;

    private final List<Client> crowd = new ArrayList<>();
    /** Knows of each buffer, on the heap or outside it, whether somebody counts it or not. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    private Served server;

    private void serve(Handler handler) {
        server = new Served(
                HttpLimits.defaults(), new MemoryBudget(MEMORY), target -> new Router.Route("/", handler), "");
        server.allocateFrom(allocator);
    }

    /** What the buffers of all clients really take. */
    private long allocated() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    private void crowd(IntFunction<String> sent) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            crowd.add(server.client().send(sent.apply(i)));
            assertBounded();
        }
    }

    private void assertBounded() {
        assertTrue(server.memory.used() <= MEMORY + ONE_READ, "in use: " + server.memory.used());
        assertTrue(allocated() <= MEMORY + 4 * ONE_READ, "allocated: " + allocator.metric());
    }

    @AfterEach
    void stop() throws Exception {
        for (Client client : crowd) {
            client.close();
        }
        server.close();
    }

    private static Handler length() {
        return (request, response) ->
                response.send(Integer.toString(request.body().readAllBytes().length));
    }

    @Test
    void bodiesThatHaveNoRoomInMemoryAreInFilesAndAllAreAnswered() throws Exception {
        serve(length());
        crowd(i -> i % 2 == 0
                ? "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65000\r\n\r\n" + "x".repeat(60_000)
                : "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfde8\r\n" + "x".repeat(60_000));
        try (Client other = server.client()) {
            assertEquals(
                    "3",
                    other.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                            .answer()
                            .text());
        }
        for (int i = 0; i < CLIENTS; i++) {
            String rest = "x".repeat(5000) + (i % 2 == 0 ? "" : "\r\n0\r\n\r\n");
            assertEquals("65000", crowd.get(i).send(rest).answer().text());
            assertBounded();
        }
    }

    @Test
    void theOldestUnfinishedHeadsAreAnswered503() throws Exception {
        String line = "requests were answered 503 before they were complete";
        long before = Log.count(line);
        serve(length());
        crowd(i -> "GET /" + i + " HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(30_000));
        Client.Answer first = crowd.get(0).answer();
        assertEquals(503, first.status());
        assertEquals("1", first.field("Retry-After"));
        try (Client other = server.client()) {
            assertEquals("0", other.get("/").answer().text());
        }
        assertEquals("0", crowd.get(CLIENTS - 1).send("\r\n\r\n").answer().text());
        awaitEquals("a line in the log", before + 1, () -> Log.count(line));
    }

    @Test
    void headsOfManySmallFieldsCountAsWhatTheyTakeDecoded() throws Exception {
        serve(length());
        crowd(i -> "POST /" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n" + "a:b\r\n".repeat(5000) + "\r\n");
        assertEquals(503, crowd.get(0).answer().status());
    }

    @Test
    void requestsThatAClientSendsBehindARunningOneAreBounded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        serve((request, response) -> {
            begun.countDown();
            over.await();
            response.send("done");
        });
        try (Client running = server.client()) {
            running.get("/");
            // Before that it would be the oldest that makes room itself.
            begun.await();
            crowd(i -> "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(30_000));
            assertEquals(503, crowd.get(0).answer().status());
            over.countDown();
            assertEquals("done", running.answer().text());
            assertEquals("done", crowd.get(CLIENTS - 1).answer().text());
        }
    }

    @Test
    void whatWaitsBehindFullSpoolsIsBoundedByCuttingClients() throws Exception {
        int clients = 24;
        String line = "responses were cut, as their clients take them slowly";
        long before = Log.count(line);
        AtomicInteger waiting = new AtomicInteger();
        AtomicInteger gone = new AtomicInteger();
        server = new Served(
                limits(4096),
                new MemoryBudget(MEMORY),
                target -> new Router.Route(
                        "/", null, (request, response) -> new Endless(response, waiting, gone).begin()),
                "");
        for (int i = 0; i < clients; i++) {
            crowd.add(server.client().get("/"));
        }
        await("the end of all room", () -> waiting.get() + gone.get() == clients);
        awaitEquals("a line in the log", before + 1, () -> Log.count(line));
        assertTrue(waiting.get() > 0 && waiting.get() * Endless.PIECE <= MEMORY / 2, waiting + " wait");
    }

    private static HttpLimits limits(long spool) {
        HttpLimits d = HttpLimits.defaults();
        return new HttpLimits(
                d.requestLine(),
                d.header(),
                d.body(),
                d.bodyMemory(),
                d.memory(),
                d.headerTime(),
                d.bodyTime(),
                d.idleTime(),
                d.writeTime(),
                spool,
                d.tempDir());
    }

    /** A response without an end, which is written as long as there is room. */
    private static final class Endless implements StreamedResponse.Listener {

        static final int PIECE = 64 * 1024;

        private final StreamedResponse response;
        private final AtomicInteger waiting;
        private final AtomicInteger gone;
        private boolean waits;
        private boolean over;

        Endless(StreamedResponse response, AtomicInteger waiting, AtomicInteger gone) {
            this.response = response;
            this.waiting = waiting;
            this.gone = gone;
        }

        void begin() {
            response.listener(this);
            response.begin(200, "", List.of(), Long.MAX_VALUE);
            write();
        }

        private void write() {
            while (!over && response.write(Unpooled.buffer(PIECE).writeZero(PIECE))) {
                // Until it has to wait.
            }
            waits = !over;
            waiting.addAndGet(waits ? 1 : 0);
        }

        @Override
        public void room() {
            waiting.addAndGet(waits ? -1 : 0);
            write();
        }

        @Override
        public void gone() {
            over = true;
            waiting.addAndGet(waits ? -1 : 0);
            gone.incrementAndGet();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void responsesThatHaveNoRoomInMemoryAreInFiles(boolean whole) throws Exception {
        byte[] body = HttpEngineTest.pattern(3_000_000);
        serve((request, response) -> {
            if (whole) {
                response.send(body);
            } else {
                response.stream().write(body);
            }
        });
        crowd(i -> "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals(body.length, crowd.get(CLIENTS - 1).answer().body().length);
        assertBounded();
    }
}
