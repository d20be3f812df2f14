package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

import io.netty.channel.epoll.LinuxSocket;
import org.handoff.http.limits.HttpLimits;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packets of a short response. */
@Timeout(300)
class PacketsTest {

    @TempDir
    Path folder;

    @Test
    void aSmallResponseAndTheEndAreOnePacket() throws Exception {
        assertEquals(1, packets("Connection: close\r\n", "", (request, response) -> response.send("x")));
    }

    @Test
    void aHeadAndItsFileAreOnePacket() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "the file");
        assertEquals(1, packets("", "the file", (request, response) -> response.send(file)));
    }

    @Test
    void aHeadAndItsFileAndTheEndAreOnePacket() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "the file");
        assertEquals(1, packets("Connection: close\r\n", "", (request, response) -> response.send(file)));
    }

    @Test
    void aHeadAndTheFirstBytesOfAStreamAreOnePacket() throws Exception {
        CountDownLatch counted = new CountDownLatch(1);
        assertEquals(1, packets("", "the stream\r\n", counted, (request, response) -> {
            OutputStream out = response.stream();
            out.write("the stream".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            counted.await();
        }));
    }

    private int packets(String header, String end, Handler handler) throws Exception {
        return packets(header, end, new CountDownLatch(1), handler);
    }

    /**
     * The number of packets that a client gets for a request.
     *
     * @param end the last bytes of the response; empty for the end of the connection
     * @param counted counted down when the packets are counted
     */
    private int packets(String header, String end, CountDownLatch counted, Handler handler) throws Exception {
        CountDownLatch acknowledged = new CountDownLatch(1);
        try (Served server = new Served(HttpLimits.defaults(), (request, response) -> {
            acknowledged.await();
            handler.handle(request, response);
        })) {
            LinuxSocket client = LinuxSocket.newSocketStream(false);
            try {
                client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
                await("the connection", client::finishConnect);
                ByteBuffer bytes = ByteBuffer.allocateDirect(1024);
                bytes.put(("GET / HTTP/1.1\r\nHost: h\r\n" + header + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                client.send(bytes, 0, bytes.position());
                await("the packet that acknowledges the request", () -> TcpInfo.UNACKED.of(client) == 0);
                int before = TcpInfo.SEGS_IN.of(client);
                acknowledged.countDown();
                StringBuilder received = new StringBuilder();
                await("the response", () -> {
                    int count = client.recv(bytes, 0, bytes.capacity());
                    for (int i = 0; i < count; i++) {
                        received.append((char) bytes.get(i));
                    }
                    return end.isEmpty() ? count < 0 : received.toString().endsWith(end);
                });
                return TcpInfo.SEGS_IN.of(client) - before;
            } finally {
                counted.countDown();
                client.close();
            }
        }
    }
}
