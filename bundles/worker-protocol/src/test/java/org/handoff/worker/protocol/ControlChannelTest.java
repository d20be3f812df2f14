package org.handoff.worker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import org.handoff.socket.ControlSocket;
import org.handoff.testkit.Await;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two channels on one loop: the test is its own worker. */
@Timeout(300)
class ControlChannelTest {

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final IoEventLoop loop = group.next();
    private final Side left = new Side();
    private final Side right = new Side();

    /** A file whose descriptors are sent. */
    private Path passed;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        passed = Files.createFile(folder.resolve("passed")).toRealPath();
        ControlSocket.Pair pair = ControlSocket.pair();
        left.open(pair.ours());
        right.open(pair.childs().adopt());
    }

    @AfterEach
    void close() throws Exception {
        left.close();
        right.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    @Test
    void aFrameArrivesWithItsDescriptor() throws Exception {
        FileDescriptor devNull = FileDescriptor.from(new File("/dev/null"));
        assertTrue(onLoop(() -> left.channel.trySend(frame(1, "with"), devNull.intValue())));
        assertTrue(onLoop(() -> left.channel.trySend(frame(2, "without"), -1)));
        Got with = right.next();
        assertEquals("1 with", with.text());
        assertTrue(with.descriptor() >= 0 && with.descriptor() != devNull.intValue(), "a number of its own");
        new FileDescriptor(with.descriptor()).close();
        assertEquals(new Got("2 without", -1), right.next());
        devNull.close();
    }

    @Test
    void framesKeepTheirOrderWhenTheSocketIsFull() throws Exception {
        int count = 5000;
        onLoop(() -> {
            for (int i = 0; i < count; i++) {
                left.channel.send(frame(i, "x".repeat(100)));
            }
            assertFalse(left.channel.isDrained(), "more than a socket holds");
            assertFalse(left.channel.trySend(frame(count, "overtaking"), -1));
            return null;
        });
        for (int i = 0; i < count; i++) {
            assertTrue(right.next().text().startsWith(i + " "), "frame " + i);
        }
        left.drained.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertTrue(onLoop(left.channel::isDrained));
        onLoop(() -> left.channel.trySend(frame(count, "and on"), -1));
        assertEquals(count + " and on", right.next().text());
    }

    @Test
    void aFrameThatHasToWaitKeepsItsOrderAndItsDescriptor() throws Exception {
        FileDescriptor file = FileDescriptor.from(passed.toFile());
        int number = file.intValue();
        int waiting = onLoop(() -> {
            assertTrue(left.channel.send(frame(0, "at once"), number));
            int sent = 1;
            while (left.channel.isDrained()) {
                left.channel.send(frame(sent++, "x".repeat(1000)));
            }
            assertFalse(left.channel.send(frame(sent, "with"), number), "it waits");
            // The one that waits is a copy.
            file.close();
            left.channel.send(frame(sent + 1, "behind"));
            return sent;
        });
        assertEquals("0 at once", closed(right.next()).text());
        for (int i = 1; i < waiting; i++) {
            assertTrue(right.next().text().startsWith(i + " x"), "frame " + i);
        }
        Got with = right.next();
        assertEquals(waiting + " with", with.text());
        assertTrue(with.descriptor() >= 0, "its descriptor");
        closed(with);
        assertEquals(new Got(waiting + 1 + " behind", -1), right.next());
        assertEquals(
                0, OpenDescriptors.count(passed.toString()), "the copy is closed, and so is the one that was sent");
    }

    @Test
    void whatStillWaitsWhenTheChannelIsClosedLeavesNoDescriptor() throws Exception {
        FileDescriptor file = FileDescriptor.from(passed.toFile());
        onLoop(() -> {
            while (left.channel.isDrained()) {
                left.channel.send(frame(1, "x".repeat(1000)));
            }
            assertFalse(left.channel.send(frame(2, "with"), file.intValue()));
            assertEquals(2, OpenDescriptors.count(passed.toString()), "with its copy");
            left.channel.close();
            assertEquals(1, OpenDescriptors.count(passed.toString()), "without");
            assertEquals(0, OpenDescriptors.count(left.socket));
            assertFalse(left.channel.send(frame(2, "with"), file.intValue()), "to nobody");
            return null;
        });
        file.close();
    }

    private static Got closed(Got got) throws IOException {
        new FileDescriptor(got.descriptor()).close();
        return got;
    }

    @Test
    void theEndIsSeenBehindTheLastFrame() throws Exception {
        onLoop(() -> {
            left.channel.send(frame(1, "last"));
            left.channel.close();
            return null;
        });
        assertEquals("1 last", right.next().text());
        assertNull(right.ended.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "no cause");
        assertFalse(left.ended.isDone(), "who closes hears nothing");
    }

    @Test
    void framesThatWaitForOneWhoDiesKeepNobodyFromHisLastFramesAndEnd() throws Exception {
        onLoop(() -> {
            while (left.channel.isDrained()) {
                left.channel.send(frame(1, "x".repeat(1000)));
            }
            right.channel.send(frame(2, "said"));
            right.channel.send(frame(3, "before"));
            // With frames unread, and so by a reset.
            right.channel.close();
            return null;
        });
        assertEquals("2 said", left.next().text());
        assertEquals("3 before", left.next().text());
        assertNull(left.ended.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "no cause");
    }

    @Test
    void aRefusedFrameEndsTheChannel() throws Exception {
        right.refuses = true;
        onLoop(() -> left.channel.trySend(frame(1, "bad"), -1));
        assertEquals(
                "refused",
                right.ended.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS).getMessage());
        assertNull(left.ended.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void aDescriptorWithWhatIsNoFrameIsClosed() throws Exception {
        ControlSocket.Pair pair = ControlSocket.pair();
        Side side = new Side();
        side.open(pair.ours());
        FileDescriptor file = FileDescriptor.from(passed.toFile());
        try (ControlSocket raw = pair.childs().adopt()) {
            raw.send(ByteBuffer.allocateDirect(3).put(0, (byte) 9), file.intValue());
            assertTrue(side.ended.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS) instanceof ProtocolException);
            assertEquals(1, OpenDescriptors.count(passed.toString()), "the one that was sent");
            assertEquals(0, OpenDescriptors.count(side.socket));
        } finally {
            file.close();
        }
    }

    private static Frame frame(int connection, String payload) {
        return new Frame(FrameType.CONNECTION, 0, 0, connection, 0, ByteBuffer.wrap(payload.getBytes(UTF_8)));
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private record Got(String text, int descriptor) {}

    /** One end, which notes what it gets. */
    private final class Side implements ControlChannel.Listener {

        final BlockingQueue<Got> frames = new LinkedBlockingQueue<>();
        final CompletableFuture<Throwable> ended = new CompletableFuture<>();
        final CompletableFuture<Void> drained = new CompletableFuture<>();
        volatile boolean refuses;
        ControlChannel channel;
        /** The link of its socket, of which a channel has two descriptors. */
        String socket;

        void open(ControlSocket socket) throws Exception {
            this.socket = Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket.descriptor()))
                    .toString();
            assertEquals(2, OpenDescriptors.count(this.socket));
            channel = onLoop(() -> ControlChannel.open(socket, loop, this));
        }

        void close() throws Exception {
            onLoop(() -> {
                channel.close();
                return null;
            });
        }

        Got next() throws InterruptedException {
            Got got = frames.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            assertTrue(got != null, "no frame in time");
            return got;
        }

        @Override
        public void frame(Frame frame, int descriptor) throws IOException {
            if (refuses) {
                throw new IOException("refused");
            }
            frames.add(new Got(frame.connection() + " " + UTF_8.decode(frame.payload()), descriptor));
        }

        @Override
        public void ended(Throwable cause) {
            ended.complete(cause);
        }

        @Override
        public void drained() {
            drained.complete(null);
        }
    }
}
