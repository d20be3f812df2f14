package org.handoff.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.FileDescriptorCast;

@Timeout(300)
class ControlSocketTest {

    @TempDir
    Path folder;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);

    @Test
    void aPacketArrivesWholeWithItsDescriptor() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "through the descriptor");
        try (Ends ends = new Ends();
                FileInputStream in = new FileInputStream(file.toFile())) {
            int number = FileDescriptorCast.using(in.getFD()).as(Integer.class);
            assertTrue(ends.a.send(packet("with"), number));
            assertTrue(ends.a.send(packet("without"), -1));

            assertEquals("with", receive(ends.b));
            int received = ends.b.takeDescriptor();
            assertEquals(-1, ends.b.takeDescriptor(), "taken once");
            try (FileInputStream passed =
                    new FileInputStream(FileDescriptorCast.unsafeUsing(received).getFileDescriptor())) {
                assertEquals("through the descriptor", new String(passed.readAllBytes(), UTF_8));
            }

            assertEquals("without", receive(ends.b));
            assertEquals(-1, ends.b.takeDescriptor());
            assertEquals(0, ends.b.receive(buffer.clear()), "nothing left, and no waiting");
        }
    }

    @Test
    void aFullSocketRefusesAndLosesNothing() throws Exception {
        try (Ends ends = new Ends()) {
            int sent = 0;
            while (ends.a.send(packet("number " + sent), -1)) {
                sent++;
            }
            assertTrue(sent > 10, "sent " + sent);
            for (int i = 0; i < sent; i++) {
                assertEquals("number " + i, receive(ends.b));
            }
            assertEquals(0, ends.b.receive(buffer.clear()));
            assertTrue(ends.a.send(packet("again"), -1));
        }
    }

    @Test
    void theEndOfTheOtherSideIsSeenBehindItsLastPacket() throws Exception {
        try (Ends ends = new Ends()) {
            ends.a.send(packet("last"), -1);
            ends.a.close();
            assertEquals("last", receive(ends.b));
            assertEquals(-1, ends.b.receive(buffer.clear()));
            assertThrows(IOException.class, () -> ends.b.send(packet("late"), -1));
        }
    }

    @Test
    void whatTheOtherSideSentIsReceivedAfterItsEndThoughItHadNotReadEverything() throws Exception {
        try (Ends ends = new Ends()) {
            assertTrue(ends.a.send(packet("unread"), -1));
            assertTrue(ends.b.send(packet("last"), -1));
            ends.b.close();
            assertEquals("last", receive(ends.a));
            assertEquals(-1, ends.a.receive(buffer.clear()));
        }
    }

    @Test
    void aRefusedSendNeitherLosesWhatTheOtherSideSentNorTheDescriptor() throws Exception {
        try (Ends ends = new Ends()) {
            assertTrue(ends.b.send(packet("last"), -1));
            ends.b.close();
            for (int i = 0; i < 3; i++) {
                assertThrows(ClosedChannelException.class, () -> ends.a.send(packet("late"), -1));
                assertTrue(Files.exists(Path.of("/proc/self/fd/" + ends.a.descriptor())), "an event loop watches it");
            }
            assertEquals("last", receive(ends.a));
        }
    }

    @Test
    void descriptorsThatNobodyTakesAreClosed() throws Exception {
        Path file = Files.createFile(folder.resolve("file")).toRealPath();
        try (Ends ends = new Ends();
                FileOutputStream out = new FileOutputStream(file.toFile())) {
            int number = FileDescriptorCast.using(out.getFD()).as(Integer.class);
            for (int i = 0; i < 2000; i++) {
                assertTrue(ends.a.send(packet("x"), number));
                receive(ends.b);
            }
            ends.b.close();
            assertEquals(1, OpenDescriptors.count(file.toString()), "the one that was sent");
        }
    }

    @Test
    void aBufferOnTheHeapIsRefused() throws Exception {
        try (Ends ends = new Ends()) {
            assertThrows(IllegalArgumentException.class, () -> ends.a.send(ByteBuffer.allocate(1), -1));
            assertFalse(ends.a.descriptor() < 0);
        }
    }

    private String receive(ControlSocket socket) throws IOException {
        buffer.clear();
        int length = socket.receive(buffer);
        byte[] bytes = new byte[length];
        buffer.flip().get(bytes);
        return new String(bytes, UTF_8);
    }

    private static ByteBuffer packet(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Both ends in one process: the test is its own child. */
    private static final class Ends implements AutoCloseable {

        final ControlSocket a;
        final ControlSocket b;

        Ends() throws IOException {
            ControlSocket.Pair pair = ControlSocket.pair();
            a = pair.ours();
            b = pair.childs().adopt();
        }

        @Override
        public void close() throws IOException {
            a.close();
            b.close();
        }
    }
}
