package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers that share no code with the agent: those of examples/lrwp, in C, Perl and Python, as processes. */
@Timeout(300)
class ForeignPeersTest {

    static List<String> languages() {
        return PeerProgram.languages();
    }

    @ParameterizedTest
    @MethodSource("languages")
    void getsTheRequestAndGivesTheResponse(String language) throws Exception {
        try (Server server = new Server();
                PeerProgram peer = PeerProgram.start(server, language, "app");
                Client client = server.client()) {
            assertEquals("1.0", server.agent.peers().get(0).version());
            String environment = client.get("/app/a%20b?x=1").answer().text();
            assertTrue(environment.contains("\nSCRIPT_NAME=/app\n"), environment);
            assertTrue(environment.contains("\nPATH_INFO=/a b\n"), environment);
            assertTrue(environment.contains("\nQUERY_STRING=x=1\n"), environment);
            assertTrue(environment.endsWith("\nHTTP_HOST=h\n\n"), environment);
            assertEquals(418, client.get("/app?status=418").answer().status());
            Client.Answer cookies = client.get("/app?cookies=2").answer();
            assertTrue(cookies.head().contains("Set-Cookie: number0=0\r\nSet-Cookie: number1=1\r\n"), cookies.head());
            assertEquals(
                    "" + peer.process.pid(),
                    client.get("/app?redirect=/app?pid").answer().text());
            Client.Answer elsewhere =
                    client.get("/app?redirect=http://example.org/").answer();
            assertEquals(302, elsewhere.status());
            assertEquals("http://example.org/", elsewhere.field("Location"));
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void carriesBinaryBodiesBothWays(String language) throws Exception {
        try (Server server = new Server();
                PeerProgram peer = PeerProgram.start(server, language, "app");
                Client client = server.client()) {
            for (int length : new int[] {0, 1, 256, 65_536, 5_000_000}) {
                byte[] body = new byte[length];
                new Random(length).nextBytes(body);
                client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n"
                        + new String(body, ISO_8859_1));
                assertArrayEquals(body, client.answer().body());
            }
            assertEquals(10_000_000, client.get("/app?bytes=10000000").answer().body().length);
            client.send("HEAD /app?bytes=10000000 HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("10000000", client.answer(true).field("Content-Length"));
            assertEquals(
                    "" + peer.process.pid(), client.get("/app?pid").answer().text());
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void provesThatItKnowsThePassword(String language) throws Exception {
        try (Server server = new Server("application.app", "a much longer password than the challenge has bytes");
                PeerProgram peer = PeerProgram.start(
                        server, language, "app", "h", "a much longer password than the challenge has bytes");
                Client client = server.client()) {
            assertEquals("2.0", server.agent.peers().get(0).version());
            assertEquals("h", server.agent.peers().get(0).host());
            assertEquals(
                    "" + peer.process.pid(), client.get("/app?pid").answer().text());
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void saysWhyItIsRefused(String language) throws Exception {
        try (Server server = new Server("application.app", "secret")) {
            refused(server, "unauthorized access", language, "app", "", "wrong");
            refused(server, "connection requires LRWP2 authentication", language, "app");
            refused(server, "application not permitted", language, "other");
            refused(server, "application not permitted", language, "other", "", "secret");
        }
    }

    private static void refused(Server server, String why, String language, String... arguments) throws Exception {
        try (PeerProgram peer = new PeerProgram(language, server.agent.port(), arguments)) {
            assertTrue(peer.process.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "the peer exits");
            assertTrue(peer.output().contains(why), peer.output());
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void killedPeerCostsItsRequest(String language) throws Exception {
        try (Server server = new Server();
                Client client = server.client()) {
            try (PeerProgram peer = PeerProgram.start(server, language, "app")) {
                client.get("/app?sleep=60000");
                await("begun request", () -> peer.output().contains("GET /app?sleep=60000\n"));
            }
            assertEquals(502, client.answer().status());
            await("end of the peer", () -> server.agent.peers().isEmpty());
            assertEquals(404, client.get("/app").answer().status());
        }
    }
}
