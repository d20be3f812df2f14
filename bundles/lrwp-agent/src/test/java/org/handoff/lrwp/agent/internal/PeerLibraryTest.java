package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.handoff.lrwp.peer.LrwpPeer;
import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.handoff.testkit.Ports;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The library for peers in Java, against the real agent; without a container, as it is used. */
@Timeout(300)
class PeerLibraryTest {

    @TempDir
    Path folder;

    @Test
    void handlerRunsUnchanged() throws Exception {
        Handler handler = (request, response) -> {
            response.status(201).addHeader("Set-Cookie", "a=1").addHeader("Set-Cookie", "b=2");
            response.send(String.join(
                    "|",
                    request.method(),
                    request.target(),
                    request.path(),
                    request.context(),
                    request.pathInfo(),
                    request.query(),
                    request.host(),
                    request.scheme(),
                    request.client().getHostString(),
                    request.headers().first("x-name").orElse("none"),
                    request.headers().names().toString()));
        };
        try (Server server = new Server();
                LrwpPeer peer = serve(server, handler);
                Client client = server.client()) {
            client.send("GET /app/caf%C3%A9?x=%20 HTTP/1.1\r\nHost: Example.org\r\nX-Name: value\r\n\r\n");
            Client.Answer answer = client.answer();
            assertEquals(201, answer.status());
            assertTrue(
                    answer.text()
                            .startsWith("GET|/app/caf%C3%A9?x=%20|/app/caf\u00E9|/app|/caf\u00E9|x=%20|"
                                    + "example.org|http|127.0.0.1|value|["),
                    answer.text());
            assertTrue(answer.head().contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"), answer.head());
            assertEquals(1, peer.registered());
        }
    }

    @Test
    void bodiesGoBothWays() throws Exception {
        Handler echo = (request, response) -> {
            try (OutputStream out = response.stream()) {
                request.body().transferTo(out);
            }
        };
        try (Server server = new Server();
                LrwpPeer peer = serve(server, echo);
                Client client = server.client()) {
            for (int length : new int[] {0, 1, 100_000, 3_000_000}) {
                byte[] body = new byte[length];
                new Random(length).nextBytes(body);
                client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n"
                        + new String(body, ISO_8859_1));
                assertArrayEquals(body, client.answer().body());
            }
        }
    }

    @Test
    void failureIsAnsweredAndWhatWasNotReadIsSkipped() throws Exception {
        Handler handler = (request, response) -> {
            if (request.pathInfo().equals("/file")) {
                Path file = Files.writeString(folder.resolve("file"), "from a file");
                response.send(file);
                Files.delete(file);
            } else {
                response.stream().write("begun".getBytes(ISO_8859_1));
                throw new IllegalStateException("on purpose");
            }
        };
        try (Server server = new Server();
                LrwpPeer peer = serve(server, handler);
                Client client = server.client()) {
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nunread");
            assertEquals(500, client.answer().status());
            assertEquals("from a file", client.get("/app/file").answer().text());
            client.send("HEAD /app/file HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("11", client.answer(true).field("Content-Length"));
        }
    }

    @Test
    void requestsAreDecodedAsInAWorker() throws Exception {
        Path digits = Files.writeString(folder.resolve("digits.txt"), "0123456789");
        Handler handler = (request, response) -> {
            switch (request.pathInfo()) {
                case "/file" -> response.sendFile(request, digits);
                case "/parts" -> response.send(request.parts().toString());
                default -> response.send(request.formParameters().required("name"));
            }
        };
        try (Server server = new Server();
                LrwpPeer peer = serve(server, handler);
                Client client = server.client()) {
            String form = "POST /app HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 9\r\n\r\n";
            assertEquals("a bc", client.send(form + "name=a+bc").answer().text());
            Client.Answer refused = client.send(form + "name=a+b%").answer();
            assertEquals(400, refused.status());
            assertEquals("400\n", refused.text());
            Client.Answer part = client.send("GET /app/file HTTP/1.1\r\nHost: h\r\nRange: bytes=2-4\r\n\r\n")
                    .answer();
            assertEquals(206, part.status());
            assertEquals("bytes 2-4/10", part.field("Content-Range"));
            assertEquals("234", part.text());
            assertEquals(500, client.get("/app/parts").answer().status());
        }
    }

    @Test
    void severalConnectionsServeInParallelWithAHandlerEach() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        try (Server server = new Server();
                LrwpPeer peer = LrwpPeer.to("127.0.0.1", server.agent.port(), "app")
                        .connections(2)
                        .serve(() -> (request, response) -> {
                            both.countDown();
                            response.send("" + both.await(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
                        });
                Client one = server.client();
                Client two = server.client()) {
            await("two registered connections", () -> peer.registered() == 2);
            one.get("/app");
            two.get("/app");
            assertEquals("true", one.answer().text());
            assertEquals("true", two.answer().text());
        }
    }

    @Test
    void comesBackWhenItsAgentDoes() throws Exception {
        int port = Ports.free();
        try (LrwpPeer peer = LrwpPeer.to("127.0.0.1", port, "app")
                .longestPause(Duration.ofMillis(200))
                .serve(() -> (request, response) -> response.send("back"))) {
            for (int i = 0; i < 2; i++) {
                try (Server server = new Server("port", Integer.toString(port));
                        Client client = server.client()) {
                    await("registered peer", () -> peer.registered() == 1);
                    assertEquals("back", client.get("/app").answer().text());
                }
                await("lost peer", () -> peer.registered() == 0);
            }
        }
    }

    @Test
    void closeLetsTheHandlerReturn() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Server server = new Server();
                Client client = server.client()) {
            LrwpPeer peer = serve(server, (request, response) -> {
                begun.countDown();
                goOn.await();
                response.send("complete");
            });
            client.get("/app");
            begun.await();
            Thread closing = new Thread(peer::close);
            closing.start();
            goOn.countDown();
            assertEquals("complete", client.answer().text());
            closing.join();
            await("end of the peer", () -> server.agent.peers().isEmpty());
        }
    }

    @Test
    void speaksTlsWithCertificatesOnBothSides() throws Exception {
        String keys = KeyStores.create(folder, "agent");
        String peers = KeyStores.create(folder, "peer");
        try (Server server = new Server(
                        "tls",
                        "true",
                        "tls.keystore",
                        keys,
                        "tls.keystore.password",
                        "changeit",
                        "tls.truststore",
                        peers,
                        "tls.truststore.password",
                        "changeit",
                        "application.app",
                        "secret");
                LrwpPeer stranger = LrwpPeer.to("127.0.0.1", server.agent.port(), "app")
                        .password("secret")
                        .sockets(context(keys, keys).getSocketFactory())
                        .serve(() -> (request, response) -> response.send("stranger"));
                LrwpPeer peer = LrwpPeer.to("127.0.0.1", server.agent.port(), "app")
                        .password("secret")
                        .sockets(context(peers, keys).getSocketFactory())
                        .serve(() -> (request, response) ->
                                response.send(request.body().readAllBytes()));
                Client client = server.client()) {
            await("registered peer", () -> peer.registered() == 1);
            String body = "x".repeat(500_000);
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            assertEquals(body, client.answer().text());
            assertEquals(0, stranger.registered());
            try (TestPeer plain = new TestPeer(server.agent.port())) {
                plain.send("app\u00FF\u00FF\u00FF");
                // TLS's own complaint, and then the end.
                await(
                        "end of it",
                        () -> server.agent.peers().stream()
                                .allMatch(one -> !one.version().isEmpty()));
            }
        }
    }

    private static LrwpPeer serve(Server server, Handler handler) {
        LrwpPeer peer = LrwpPeer.to("127.0.0.1", server.agent.port(), "app").serve(() -> handler);
        await("registered peer", () -> peer.registered() == 1);
        return peer;
    }

    private static SSLContext context(String keys, String trusted) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(KeyStores.load(keys), KeyStores.PASSWORD);
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(KeyStores.load(trusted));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }
}
