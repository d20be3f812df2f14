package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.handoff.http.HttpConnection.State;
import org.handoff.http.Router;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class HttpEngineTest {

    @TempDir
    Path files;

    private Served server;

    private Client serve(Handler handler) throws IOException {
        server = new Served(HttpLimits.defaults(), handler);
        return server.client();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    /** A handler has the path as text. */
    @Test
    void handlerIsNotAskedForAPathThatIsNoUtf8() throws Exception {
        server = new Served(HttpLimits.defaults(), (request, response) -> response.send(request.path()));
        try (Client client = server.client()) {
            assertEquals(400, client.get("/caf%E9").answer().status());
        }
    }

    @Test
    void absoluteTargetTakesThePlaceOfTheHostField() throws Exception {
        server = new Served(
                HttpLimits.defaults(),
                (request, response) -> response.send(
                        request.host() + ' ' + request.headers().first("Host").orElse("none")));
        try (Client client = server.client()) {
            client.send("GET http://other:99/x HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("other other:99", client.answer().text());
        }
    }

    @Test
    void keepsTheConnectionAlive() throws Exception {
        try (Client client = serve((request, response) -> response.send(request.path()))) {
            for (String path : List.of("/a", "/b", "/c")) {
                Client.Answer answer = client.get(path).answer();
                assertEquals(200, answer.status());
                assertEquals(path, answer.text());
                assertEquals("text/plain; charset=utf-8", answer.field("Content-Type"));
                assertTrue(answer.field("Date").endsWith(" GMT"), answer.head());
                assertNull(answer.field("Connection"));
            }
            assertEquals(
                    List.of(
                            State.READING,
                            State.HANDLING,
                            State.ANSWERING,
                            State.IDLE,
                            State.READING,
                            State.HANDLING,
                            State.ANSWERING,
                            State.IDLE),
                    List.copyOf(server.connection().states).subList(0, 8));
        }
        await("end", () -> server.connection().ends == 1);
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (Client client = serve((request, response) -> response.send(request.path()))) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 3000; i++) {
                requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
            }
            Thread sender = new Thread(() -> {
                try {
                    client.send(requests.toString());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            sender.start();
            for (int i = 0; i < 3000; i++) {
                assertEquals("/" + i, client.answer().text());
            }
            sender.join();
        }
    }

    @Test
    void readsARequestThatComesByteByByte() throws Exception {
        try (Client client =
                serve((request, response) -> response.send(request.body().readAllBytes()))) {
            String wire = "\r\nPOST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
            for (char c : wire.toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals("abc", client.answer().text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 65536, 65537, 3_000_000})
    void echoesBodiesOfAnySize(int size) throws Exception {
        byte[] body = pattern(size);
        try (Client client = serve((request, response) -> {
            assertEquals(size, request.contentLength());
            response.send(request.body().readAllBytes());
        })) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
            client.socket.getOutputStream().write(body);
            assertArrayEquals(body, client.answer().body());
        }
    }

    @Test
    void readsChunkedBodiesAndTrailers() throws Exception {
        try (Client client = serve((request, response) -> response.send(
                request.contentLength() + ":" + new String(request.body().readAllBytes())))) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX: y\r\n\r\n");
            assertEquals("13:abc0123456789", client.answer().text());
            client.get("/");
            assertEquals("0:", client.answer().text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 16384, 16385, 5_000_000})
    void streams(int size) throws Exception {
        byte[] body = pattern(size);
        try (Client client = serve((request, response) -> {
            OutputStream out = response.stream();
            for (int at = 0; at < size; at += 1000) {
                out.write(body, at, Math.min(1000, size - at));
            }
        })) {
            Client.Answer answer = client.get("/").answer();
            assertEquals(size <= 16384, answer.field("Content-Length") != null, answer.head());
            assertArrayEquals(body, answer.body());
            assertArrayEquals(body, client.get("/").answer().body());
        }
    }

    @Test
    void aFlushSendsWhatWasWritten() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (Client client = serve((request, response) -> {
            OutputStream out = response.stream();
            out.write('a');
            out.flush();
            seen.await();
            out.write('b');
            out.close();
            assertThrows(IOException.class, () -> out.write('c'));
        })) {
            client.get("/");
            await("first byte", () -> server.connection().states.contains(State.ANSWERING));
            seen.countDown();
            Client.Answer answer = client.answer();
            assertEquals("chunked", answer.field("Transfer-Encoding"));
            assertEquals("ab", answer.text());
        }
    }

    @Test
    void aHandlerThatFailsInTheMiddleDoesNotLeaveAResponseThatLooksWhole() throws Exception {
        try (Client client = serve((request, response) -> {
            try (OutputStream out = response.stream()) {
                out.write('a');
                out.flush();
                throw new IOException("the rest is missing");
            }
        })) {
            client.get("/");
            assertThrows(IOException.class, client::answer);
        }
    }

    @Test
    void aHandlerThatFailsBeforeAnythingLeftIsAnswered500ThoughItClosedItsStream() throws Exception {
        try (Client client = serve((request, response) -> {
            try (OutputStream out = response.stream()) {
                out.write('a');
                throw new IOException("the rest is missing");
            }
        })) {
            assertEquals(500, client.get("/").answer().status());
        }
    }

    @Test
    void streamsToHttp10UntilTheEnd() throws Exception {
        try (Client client = serve((request, response) -> {
            OutputStream out = response.stream();
            out.write('a');
            out.flush();
            out.write('b');
        })) {
            Client.Answer answer = client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    .answer();
            assertEquals("ab", answer.text());
            assertEquals("close", answer.field("Connection"));
            assertNull(answer.field("Transfer-Encoding"));
        }
    }

    @Test
    void keepsHttp10AliveWhenAsked() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            for (int i = 0; i < 2; i++) {
                Client.Answer answer = client.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                        .answer();
                assertEquals("keep-alive", answer.field("Connection"));
            }
            assertEquals("close", client.send("GET / HTTP/1.0\r\n\r\n").answer().field("Connection"));
            assertTrue(client.atEnd());
        }
    }

    @Test
    void closesWhenAsked() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            Client.Answer answer = client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    .answer();
            assertEquals("close", answer.field("Connection"));
            assertTrue(client.atEnd());
        }
        await("end", () -> server.connection().ends == 1);
    }

    @Test
    void answersAClientThatClosedItsSide() throws Exception {
        try (Client client = serve((request, response) -> response.send(request.path()))) {
            client.get("/a").get("/b");
            client.socket.shutdownOutput();
            assertEquals("/a", client.answer().text());
            assertEquals("/b", client.answer().text());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void answersAClientThatClosedItsSideBeforeTheConnectionCame() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server = new Served(
                HttpLimits.defaults(),
                target -> new Router.Route("/", (request, response) -> response.send(request.path())),
                "GET /early HTTP/1.1\r\nHost: h\r\n\r\n");
        server.beforeServing(closed::await);
        try (Client client = server.client()) {
            client.socket.shutdownOutput();
            closed.countDown();
            assertEquals("/early", client.answer().text());
            assertTrue(client.atEnd());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bytes", "/stream", "/long", "/file"})
    void headHasNoBody(String path) throws Exception {
        Path file = Files.write(files.resolve("f"), pattern(10));
        try (Client client = serve((request, response) -> {
            switch (request.path()) {
                case "/bytes" -> response.send(pattern(10));
                case "/file" -> response.send(file);
                case "/stream" -> response.stream().write(pattern(10));
                default -> {
                    OutputStream out = response.stream();
                    out.write(pattern(10));
                    out.flush();
                    out.write(pattern(10));
                }
            }
        })) {
            for (int i = 0; i < 2; i++) {
                Client.Answer answer = client.send("HEAD " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
                        .answer(true);
                assertEquals(200, answer.status());
                boolean known = !path.equals("/long");
                assertEquals(known ? "10" : "chunked", answer.field(known ? "Content-Length" : "Transfer-Encoding"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 304})
    void someStatusesHaveNoBody(int status) throws Exception {
        try (Client client = serve((request, response) -> {
            response.status(status);
            if (request.path().equals("/stream")) {
                response.stream().write(1);
                return;
            }
            response.send("ignored");
        })) {
            assertEquals(status, client.get("/").answer().status());
            assertEquals(status, client.get("/stream").answer().status());
            assertEquals(status == 205 ? "0" : null, client.get("/").answer().field("Content-Length"));
        }
    }

    @Test
    void sendsFiles() throws Exception {
        byte[] content = pattern(7_000_001);
        Path file = Files.write(files.resolve("f"), content);
        Path empty = Files.createFile(files.resolve("empty"));
        try (Client client = serve((request, response) -> {
            if (request.path().equals("/empty")) {
                response.send(empty);
                return;
            }
            assertThrows(IOException.class, () -> response.send(files));
            assertThrows(IOException.class, () -> response.send(files.resolve("missing")));
            response.send(file);
        })) {
            assertArrayEquals(content, client.get("/").answer().body());
            assertEquals(0, client.get("/empty").answer().body().length);
            assertArrayEquals(content, client.get("/").answer().body());
        }
    }

    @Test
    void saysContinueOnlyWhereTheBodyIsWanted() throws Exception {
        try (Client client =
                serve((request, response) -> response.send(request.body().readAllBytes()))) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(100, client.answer().status());
            assertEquals("ab", client.send("ab").answer().text());
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab");
            assertEquals(200, client.answer().status());
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(413, client.answer().status());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void aFailingHandlerIsAnswered500AndTheConnectionLives() throws Exception {
        try (Client client = serve((request, response) -> {
            response.header("X", "y").send("never seen");
            if (request.path().equals("/error")) {
                throw new StackOverflowError("secret");
            }
            throw new IllegalStateException("secret");
        })) {
            for (String path : List.of("/", "/error")) {
                Client.Answer answer = client.get(path).answer();
                assertEquals(500, answer.status());
                assertEquals("500 Internal Server Error\n", answer.text());
                assertNull(answer.field("X"));
            }
        }
    }

    @Test
    void aHandlerThatFailsLateCutsTheConnection() throws Exception {
        try (Client client = serve((request, response) -> {
            OutputStream out = response.stream();
            out.write('a');
            out.flush();
            throw new IllegalStateException();
        })) {
            client.get("/");
            assertThrows(IOException.class, client::answer);
        }
    }

    @Test
    void halfAResponseThatEndsWithItsConnectionEndsByAReset() throws Exception {
        try (Client client = serve((request, response) -> {
            OutputStream out = response.stream();
            out.write('a');
            out.flush();
            throw new IllegalStateException();
        })) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            assertEquals(
                    "Connection reset",
                    assertThrows(SocketException.class, client::answer).getMessage());
        }
    }

    @Test
    void refusesWhatTheApiForbids() throws Exception {
        try (Client client = serve((request, response) -> {
            assertThrows(IllegalArgumentException.class, () -> response.status(199));
            assertThrows(IllegalArgumentException.class, () -> response.status(600));
            assertThrows(IllegalArgumentException.class, () -> response.header("a b", "x"));
            assertThrows(IllegalArgumentException.class, () -> response.header("", "x"));
            assertThrows(IllegalArgumentException.class, () -> response.header("X", "a\r\nSet-Cookie: b"));
            assertThrows(IllegalArgumentException.class, () -> response.header("X", "\u010a"));
            assertThrows(IllegalArgumentException.class, () -> response.header("content-LENGTH", "1"));
            assertThrows(IllegalArgumentException.class, () -> response.addHeader("Connection", "close"));
            response.status(201)
                    .header("A", "1")
                    .header("a", "2")
                    .addHeader("B", "3")
                    .addHeader("B", "\u00e4");
            response.send("x");
            assertThrows(IllegalStateException.class, () -> response.status(200));
            assertThrows(IllegalStateException.class, () -> response.send("y"));
            assertThrows(IllegalStateException.class, response::stream);
        })) {
            Client.Answer answer = client.get("/").answer();
            assertEquals(201, answer.status());
            assertEquals("2", answer.field("A"));
            assertTrue(answer.head().contains("\r\nB: 3\r\nB: \u00e4\r\n"), answer.head());
        }
    }

    @Test
    void handsTheRequestToItsHandler() throws Exception {
        server = new Served(
                HttpLimits.defaults(),
                target -> new Router.Route("/app", (request, response) -> {
                    assertEquals("PURGE", request.method());
                    assertEquals("/app/%61;b?q=%20", request.target());
                    assertEquals("/app/a;b", request.path());
                    assertEquals("/app", request.context());
                    assertEquals("/a;b", request.pathInfo());
                    assertEquals("q=%20", request.query());
                    assertEquals("h.example", request.host());
                    assertEquals("http", request.scheme());
                    assertEquals("127.0.0.1", request.client().getAddress().getHostAddress());
                    assertEquals("1", request.headers().first("x-a").orElseThrow());
                    assertEquals(List.of("1", "2"), request.headers().all("X-A"));
                    assertEquals(
                            List.of("Host", "X-A"),
                            List.copyOf(request.headers().names()));
                    assertTrue(request.headers().first("none").isEmpty());
                }),
                "PURGE /app/%61;b?q=%20 HT");
        try (Client client = server.client()) {
            client.send("TP/1.1\r\nHost: H.example:80\r\nX-A: 1\r\nx-a: 2\r\n\r\n");
            Client.Answer answer = client.answer();
            assertEquals(200, answer.status());
            assertEquals("0", answer.field("Content-Length"));
        }
    }

    static byte[] pattern(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) * 17);
        }
        return bytes;
    }
}
