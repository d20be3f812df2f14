package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;

import io.netty.channel.epoll.LinuxSocket;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of a connection behind the response to a request that its client has called the last one. */
@Timeout(300)
class LastResponseTest {

    private static final String LAST = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    /** More than a client with a small buffer has at once, and less than the system takes for it at once. */
    private final byte[] body = HttpEngineTest.pattern(100_000);

    private Served server;

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    /** A client whose system takes little of a response before the client reads. */
    private Client client() throws Exception {
        server = new Served(HttpLimits.defaults(), (request, response) -> response.send(body));
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        return new Client(socket);
    }

    /** Waits until the last bytes of the response were written, in a turn of the loop that has ended. */
    private void awaitWritten() {
        await("the last bytes", () -> server.connection().ending > 0);
        server.onLoop(() -> {});
    }

    @Test
    void theConnectionEndsWithItWithoutTheClient() throws Exception {
        try (Client client = client()) {
            client.send(LAST);
            awaitWritten();
            assertEquals(1, server.connection().ends);
            assertFalse(server.connection().channel.isOpen());
            assertArrayEquals(body, client.answer().body());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void aClientThatHasSentMoreMeanwhileIsWaitedFor() throws Exception {
        CompletableFuture<Client> sender = new CompletableFuture<>();
        server = new Served(HttpLimits.defaults(), (request, response) -> {
            sender.get().send("\r\n");
            LinuxSocket socket = (LinuxSocket) server.connection().channel.fd();
            await("the line break", () -> TcpInfo.BYTES_RECEIVED.of(socket) == LAST.length() + 2);
            response.send("x");
        });
        try (Client client = new Client(server.port())) {
            client.send(LAST);
            sender.complete(client);
            assertEquals("x", client.answer().text());
            assertTrue(client.atEnd());
            server.onLoop(() -> {});
            assertTrue(server.connection().channel.isOpen());
        }
    }

    @Test
    void aClientThatMaySendALineBreakBehindABodyIsWaitedFor() throws Exception {
        server = new Served(HttpLimits.defaults(), (request, response) -> response.send("x"));
        try (Client client = new Client(server.port())) {
            client.send("POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\ny");
            assertEquals("x", client.answer().text());
            assertTrue(client.atEnd());
            server.onLoop(() -> {});
            assertTrue(server.connection().channel.isOpen());
        }
    }

    @Test
    void aClientThatSendsMoreGetsAllOfIt() throws Exception {
        try (Client client = client()) {
            client.send(LAST + "\r\n");
            awaitWritten();
            client.send("GET / HTTP/1.1\r\n");
            assertArrayEquals(body, client.answer().body());
            assertTrue(client.atEnd());
        }
    }
}
