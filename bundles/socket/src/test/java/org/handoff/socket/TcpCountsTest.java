package org.handoff.socket;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class TcpCountsTest {

    @BeforeAll
    static void loadNative() {
        Epoll.ensureAvailability();
    }

    @Test
    void countsWhatIsReadAndWrittenAndWhatIsNot() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket ours = Socket.newSocketStream();
            try (java.net.Socket theirs = accept(ours, listener)) {
                assertEquals(new TcpCounts(0, 0), TcpCounts.of(ours));
                theirs.getOutputStream().write(new byte[100]);
                awaitReceived(ours, 100);
                ByteBuffer ten = ByteBuffer.allocateDirect(10);
                ours.recv(ten, 0, 10);
                assertEquals(new TcpCounts(100, 0), TcpCounts.of(ours));
                assertEquals(10, TcpCounts.read(ours));
                theirs.shutdownOutput();
                awaitReceived(ours, 101);
                assertEquals(10, TcpCounts.read(ours), "an end is nothing to be read");
                ours.recv(ByteBuffer.allocateDirect(100), 0, 100);
                assertEquals(100, TcpCounts.read(ours));
                assertEquals(-1, ours.recv(ByteBuffer.allocateDirect(10), 0, 10));
                assertEquals(100, TcpCounts.read(ours), "an end that was seen is nothing that was read");
                // More than the two sockets hold together, so that some of it cannot leave.
                ByteBuffer much = ByteBuffer.allocateDirect(1 << 20);
                long written = 0;
                for (int sent = 1; sent > 0; written += sent) {
                    sent = ours.send(much, 0, much.capacity());
                }
                assertEquals(written, TcpCounts.of(ours).written());
                ours.shutdown(false, true);
                assertEquals(written, TcpCounts.of(ours).written(), "an end that cannot leave is nothing written");
                assertEquals(written, theirs.getInputStream().readNBytes((int) written).length);
                assertEquals(-1, theirs.getInputStream().read());
                assertEquals(written, TcpCounts.of(ours).written(), "nor is one that has left");
            } finally {
                ours.close();
            }
        }
    }

    @Test
    void whatWasReadIsKnownWhileTheOtherSideSends() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket ours = Socket.newSocketStream();
            try (java.net.Socket theirs = accept(ours, listener)) {
                Thread sender = new Thread(() -> {
                    try {
                        for (byte[] some = new byte[700]; ; ) {
                            theirs.getOutputStream().write(some);
                        }
                    } catch (IOException e) {
                        // The test is over.
                    }
                });
                sender.start();
                ByteBuffer some = ByteBuffer.allocateDirect(5000);
                long read = 0;
                while (read < 20_000_000) {
                    read += ours.recv(some.clear(), 0, 5000);
                    assertEquals(read, TcpCounts.read(ours));
                }
                theirs.close();
                sender.join();
            } finally {
                ours.close();
            }
        }
    }

    @Test
    void aConnectionThatWasResetHasNoCounts() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket ours = Socket.newSocketStream();
            try (java.net.Socket theirs = accept(ours, listener)) {
                theirs.setSoLinger(true, 0);
            }
            assertThrows(IOException.class, () -> TcpCounts.read(ours));
            ours.close();
        }
    }

    @Test
    void otherSocketsHaveNoCounts() throws Exception {
        Socket unix = Socket.newSocketDomain();
        try {
            assertThrows(IOException.class, () -> TcpCounts.of(unix));
        } finally {
            unix.close();
        }
    }

    private static java.net.Socket accept(Socket ours, ServerSocket listener) throws IOException {
        ours.connect(listener.getLocalSocketAddress());
        java.net.Socket theirs = listener.accept();
        theirs.setSoTimeout(10_000);
        ours.finishConnect();
        return theirs;
    }

    private static void awaitReceived(Socket socket, long bytes) {
        await(bytes + " bytes", () -> TcpCounts.of(socket).received() >= bytes);
    }
}
