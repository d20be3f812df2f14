package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.StreamedResponse;
import org.handoff.http.StreamingHandler;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;

class StreamingHandlerTest {

    private static final int PIECE = 32 * 1024;
    private static final long SMALL_SPOOL = 1 << 20;

    @Test
    void answersInPiecesAndKeepsTheConnection() throws Exception {
        try (Served served = served(HttpLimits.defaults(), (request, response) -> {
                    response.begin(
                            201, "", List.of(Map.entry("Set-Cookie", "a=1"), Map.entry("Set-Cookie", "b=2")), 10);
                    response.write(text("hello"));
                    response.write(text("again"));
                    response.end();
                });
                Client client = served.client()) {
            for (int i = 0; i < 2; i++) {
                Client.Answer answer = client.get("/").answer();
                assertEquals(201, answer.status());
                assertEquals("helloagain", answer.text());
                assertTrue(answer.head().contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"), answer.head());
            }
            client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("10", client.answer(true).field("Content-Length"));
            assertEquals(201, client.get("/").answer().status());
        }
    }

    @Test
    void responseOfUnknownLengthGoesInChunksOrEndsWithTheConnection() throws Exception {
        try (Served served = served(HttpLimits.defaults(), (request, response) -> {
                    response.begin(418, "Teapot", List.of(), -1);
                    response.write(text("hello"));
                    response.write(text("again"));
                    response.end();
                });
                Client client = served.client()) {
            for (int i = 0; i < 2; i++) {
                Client.Answer answer = client.get("/").answer();
                assertTrue(answer.head().startsWith("HTTP/1.1 418 Teapot\r\n"), answer.head());
                assertEquals("chunked", answer.field("Transfer-Encoding"));
                assertEquals("helloagain", answer.text());
            }
            client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(418, client.answer(true).status());
            client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            Client.Answer old = client.answer();
            assertEquals("close", old.field("Connection"));
            assertEquals("helloagain", old.text());
        }
    }

    @Test
    void readsTheBodyFromMemoryAndFromAFile() throws Exception {
        try (Served served = served(HttpLimits.defaults(), (request, response) -> {
                    response.begin(200, "", List.of(), request.length());
                    try (request) {
                        for (long at = 0; at < request.length(); at += 1000) {
                            response.write(request.read(ByteBufAllocator.DEFAULT, at, 1000));
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                    response.end();
                });
                Client client = served.client()) {
            for (int length : new int[] {0, 10, 100_000}) {
                String body = "0123456789".repeat(length / 10);
                client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" + body);
                assertEquals(body, client.answer().text());
            }
        }
    }

    @Test
    void cutsWhatIsShorterThanAnnounced() throws Exception {
        try (Served served = served(HttpLimits.defaults(), (request, response) -> {
                    response.begin(200, "", List.of(), 10);
                    response.write(text("short"));
                    response.end();
                });
                Client client = served.client()) {
            assertThrows(IOException.class, () -> client.get("/").answer());
        }
    }

    @Test
    void failsInPlaceOfTheResponseAndKeepsTheConnection() throws Exception {
        try (Served served = served(HttpLimits.defaults(), (request, response) -> response.fail(503));
                Client client = served.client()) {
            for (int i = 0; i < 2; i++) {
                Client.Answer answer = client.get("/").answer();
                assertEquals(503, answer.status());
                assertEquals("1", answer.field("Retry-After"));
                assertNull(answer.field("Connection"));
            }
        }
    }

    @Test
    void saysWhenThereIsNoRoomAndWhenThereIs() throws Exception {
        int pieces = 3 * (int) ((SMALL_SPOOL + (16 << 20)) / PIECE);
        AtomicInteger waits = new AtomicInteger();
        try (Served served = served(small(), (request, response) -> new Writer(response, pieces, waits).begin());
                Client client = served.client()) {
            client.get("/");
            await("full spool", () -> waits.get() == 1);
            Client.Answer answer = client.answer();
            assertEquals(pieces * PIECE, answer.body().length);
            for (int i = 0; i < pieces; i++) {
                assertEquals((byte) i, answer.body()[i * PIECE]);
            }
            assertEquals(200, client.get("/").answer().status());
        }
    }

    @Test
    void tellsThatTheClientHasGone() throws Exception {
        AtomicInteger gone = new AtomicInteger();
        try (Served served = served(
                small(),
                (request, response) -> response.listener(new StreamedResponse.Listener() {
                    @Override
                    public void room() {
                        throw new AssertionError("nothing was written");
                    }

                    @Override
                    public void gone() {
                        gone.incrementAndGet();
                    }
                }))) {
            try (Client client = served.client()) {
                client.get("/");
                await("request", () -> served.connection().states.contains(HttpConnection.State.HANDLING));
                client.socket.setSoLinger(true, 0);
            }
            await("word that the client has gone", () -> gone.get() == 1);
        }
    }

    private static Served served(HttpLimits limits, StreamingHandler handler) {
        return new Served(limits, target -> new Router.Route("/", null, handler), "");
    }

    private static HttpLimits small() {
        HttpLimits d = HttpLimits.defaults();
        return new HttpLimits(
                d.requestLine(),
                d.header(),
                d.body(),
                d.bodyMemory(),
                d.memory(),
                d.headerTime(),
                d.bodyTime(),
                Duration.ofSeconds(60),
                d.writeTime(),
                SMALL_SPOOL,
                d.tempDir());
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    /** Writes as long as there is room. */
    private static final class Writer implements StreamedResponse.Listener {

        private final StreamedResponse response;
        private final int pieces;
        private final AtomicInteger waits;
        private int written;

        Writer(StreamedResponse response, int pieces, AtomicInteger waits) {
            this.response = response;
            this.pieces = pieces;
            this.waits = waits;
        }

        void begin() {
            response.listener(this);
            response.begin(200, "", List.of(), (long) pieces * PIECE);
            room();
        }

        @Override
        public void room() {
            while (written < pieces) {
                ByteBuf piece = Unpooled.buffer(PIECE).writeByte(written++).writeZero(PIECE - 1);
                if (!response.write(piece)) {
                    waits.incrementAndGet();
                    return;
                }
            }
            response.end();
        }

        @Override
        public void gone() {
            // The test fails by what its client gets.
        }
    }
}
