package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import org.handoff.socket.ControlSocket;
import org.handoff.socket.SharedFile;
import org.handoff.testkit.Await;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.ForeignContexts;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.NoSpill;
import org.handoff.worker.protocol.Spill;
import org.handoff.worker.protocol.Spilled;
import org.handoff.worker.protocol.UnwrittenTail;
import org.handoff.worker.protocol.Variable;
import org.handoff.worker.protocol.Yield;
import org.handoff.worker.protocol.log.LogLevels;

/** The monitor's side of one real worker process. */
final class TestPool implements AutoCloseable {

    /** A connection's file, and the position of its first byte. */
    record KeptFile(SharedFile file, long start) {}

    /**
     * A frame with a payload that may be kept; where a part of that is in a file, with all of it.
     *
     * @param reason of a connection that comes back; else null
     * @param inFile whether its request begins in its file
     */
    record Received(
            FrameType type,
            GiveBackReason reason,
            boolean inFile,
            int slot,
            long connection,
            long position,
            String text) {}

    /** What is left of a response. The test closes the file. */
    record Rest(UnwrittenTail where, SharedFile file) {

        /** What is not written yet, as a monitor reads it. */
        byte[] from(long written) throws IOException {
            ByteBuffer rest = ByteBuffer.allocate((int) (where.end() - written));
            while (rest.hasRemaining()) {
                long at = written + rest.position() - where.origin();
                int limit = rest.limit();
                if (where.capacity() != UnwrittenTail.NO_RING) {
                    at %= where.capacity();
                    rest.limit((int) Math.min(limit, rest.position() + where.capacity() - at));
                }
                file.read(rest, at);
                rest.limit(limit);
            }
            return rest.array();
        }
    }

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final IoEventLoop loop = group.next();
    private final BlockingQueue<Received> frames = new LinkedBlockingQueue<>();
    /** The files that the worker has told of, by connection; replaced and closed as the monitor does. */
    private final Map<Long, KeptFile> overflows = new ConcurrentHashMap<>();
    /** Where the file's part of the connections' requests ended that were given back. */
    private final Map<Long, Long> fileEnds = new ConcurrentHashMap<>();

    private final CompletableFuture<Void> channelEnded = new CompletableFuture<>();
    private final BlockingQueue<Rest> rests = new LinkedBlockingQueue<>();
    private final Path output;
    private final MonitorScoreboard scoreboard;
    private final ControlChannel channel;
    private final Process process;

    /** @param environment further variables of the worker's environment */
    TestPool(Path jdk, Path directory, Path generation, String protocol, Map<String, String> environment)
            throws Exception {
        this(jdk, directory, generation, protocol, environment, "-jar", RuntimeJar.path());
    }

    /** @param options what the JVM is to run, and how */
    TestPool(
            Path jdk,
            Path directory,
            Path generation,
            String protocol,
            Map<String, String> environment,
            String... options)
            throws Exception {
        output = directory.resolve("output");
        Path scoreboardFile = directory.resolve("scoreboard");
        scoreboard = MonitorScoreboard.create(scoreboardFile);
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        ControlSocket.Pair pair = ControlSocket.pair();
        try (ControlSocket.ChildEnd childs = pair.childs()) {
            List<String> command = new ArrayList<>(List.of(
                    jdk.resolve("bin/java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Djava.io.tmpdir=" + temporary));
            command.addAll(List.of(options));
            command.add(generation.toString());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(childs.redirect())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            builder.environment().put(Variable.PROTOCOL.key(), protocol);
            builder.environment().put(Variable.WORKER.key(), "test-1");
            builder.environment().put(Variable.POOL.key(), "test");
            builder.environment().put(Variable.SCOREBOARD.key(), scoreboardFile.toString());
            process = builder.start();
        }
        channel = onLoop(() -> ControlChannel.open(pair.ours(), loop, new ControlChannel.Listener() {
            @Override
            public void frame(Frame frame, int descriptor) throws IOException {
                if (frame.type() == FrameType.SPILL) {
                    close(overflows.put(
                            frame.connection(),
                            new KeptFile(
                                    SharedFile.of(descriptor), Spill.of(frame).start())));
                    return;
                }
                if (frame.type() == FrameType.TAIL) {
                    rests.add(new Rest(UnwrittenTail.of(frame).kept(), SharedFile.of(descriptor)));
                    return;
                }
                frames.add(
                        frame.type() == FrameType.GIVE_BACK
                                ? givenBack(GiveBack.of(frame))
                                : new Received(
                                        frame.type(),
                                        null,
                                        false,
                                        frame.slot(),
                                        frame.connection(),
                                        frame.position(),
                                        StandardCharsets.UTF_8
                                                .decode(frame.payload().duplicate())
                                                .toString()));
            }

            @Override
            public void ended(Throwable cause) {
                channelEnded.complete(null);
            }
        }));
    }

    private Received givenBack(GiveBack back) throws IOException {
        String first = "";
        if (back.isInFile()) {
            fileEnds.put(back.connection(), back.first());
            first = overflown(back.connection(), back.request(), back.first());
        }
        return new Received(
                FrameType.GIVE_BACK,
                back.reason(),
                back.isInFile(),
                back.slot(),
                back.connection(),
                back.position(),
                first + StandardCharsets.UTF_8.decode(back.unused().duplicate()));
    }

    /** The bytes of a connection between two positions, which are in its file. */
    String overflown(long id, long from, long to) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
        overflows.get(id).file().read(bytes, from - overflows.get(id).start());
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    /** How long the longest of the files is. */
    long overflowBytes() throws Exception {
        return onLoop(() -> {
            long most = 0;
            for (KeptFile overflow : overflows.values()) {
                most = Math.max(most, overflow.file().size());
            }
            return most;
        });
    }

    private static void close(KeptFile overflow) throws IOException {
        if (overflow != null) {
            overflow.file().close();
        }
    }

    /** The files that the worker has open. */
    int descriptors() {
        return new File("/proc/" + pid() + "/fd").list().length;
    }

    /** The files without a name that the worker has open: those of large requests are such. */
    long nameless() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            return open.filter(TestPool::isNameless).count();
        }
    }

    private static boolean isNameless(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().endsWith(" (deleted)");
        } catch (IOException e) {
            // Closed in the meantime.
            return false;
        }
    }

    MonitorScoreboard scoreboard() {
        return scoreboard;
    }

    long pid() {
        return process.pid();
    }

    /** Lets the process open so many files more than it has now. */
    void limitDescriptors(int more) throws Exception {
        Process prlimit = new ProcessBuilder("prlimit", "--pid=" + pid(), "--nofile=" + (descriptors() + more) + ":")
                .inheritIO()
                .start();
        assertEquals(0, prlimit.waitFor());
    }

    /** Hands off a connection of which nothing else was read before. */
    void handOff(MonitoredClient client, int slot, long id, String received) throws Exception {
        handOff(client, slot, id, received.length(), received);
    }

    void handOff(MonitoredClient client, int slot, long id, long position, String received) throws Exception {
        assertTrue(
                onLoop(() -> channel.trySend(
                        new HandOff(
                                        slot,
                                        id,
                                        position,
                                        false,
                                        ByteBuffer.wrap(received.getBytes(StandardCharsets.US_ASCII)))
                                .frame(),
                        client == null ? -1 : client.descriptor())),
                "the control socket is full");
    }

    /**
     * Hands off a connection whose request begins in the file that it came back with.
     *
     * @param back as it came back
     * @param less of how many bytes that are in the file the worker is not told so
     */
    void handOffWithFile(MonitoredClient client, int slot, Received back, int less) throws Exception {
        long id = back.connection();
        long request = back.position() - back.text().length();
        long end = fileEnds.get(id) - less;
        long offset = request - overflows.get(id).start();
        ByteBuffer rest = StandardCharsets.US_ASCII.encode(back.text().substring((int) (end - request)));
        assertTrue(onLoop(() -> channel.trySend(
                new Spilled(slot, id, request, offset).frame(),
                overflows.get(id).file().descriptor())));
        handOffWithoutFile(client, slot, back, rest);
    }

    /** Hands off a connection whose file should have come before. */
    void handOffWithoutFile(MonitoredClient client, int slot, Received back, ByteBuffer rest) throws Exception {
        assertTrue(onLoop(() -> channel.trySend(
                new HandOff(slot, back.connection(), back.position(), true, rest).frame(), client.descriptor())));
    }

    /** Says that the file of a connection did not arrive. */
    void sendNoFile(int slot, long id) throws Exception {
        onLoop(() -> {
            channel.send(new NoSpill(slot, id, 0).frame());
            return null;
        });
    }

    void elsewhere(ForeignContexts.Foreign... contexts) throws Exception {
        onLoop(() -> {
            channel.send(new ForeignContexts(List.of(contexts)).told().frame());
            return null;
        });
    }

    /** Asks it for so many connections. */
    void want(int connections) throws Exception {
        onLoop(() -> {
            channel.send(new Yield(connections).frame());
            return null;
        });
    }

    /** Tells it levels of its loggers. */
    void tell(LogLevels levels) throws Exception {
        onLoop(() -> {
            channel.send(Frame.of(levels));
            return null;
        });
    }

    void send(FrameType type) throws Exception {
        onLoop(() -> {
            channel.send(Frame.of(type));
            return null;
        });
    }

    /** The next frame from the worker. */
    Received next() throws Exception {
        Received frame = frames.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(frame, () -> "no frame came; the worker's output: " + output());
        return frame;
    }

    /** The next response's rest from the worker. */
    Rest nextRest() throws Exception {
        Rest rest = rests.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(rest, () -> "no rest came; the worker's output: " + output());
        return rest;
    }

    /** Whether a rest has come: two turns of the loop take what is in the socket by now. */
    boolean hasRest() throws Exception {
        onLoop(() -> null);
        onLoop(() -> null);
        return !rests.isEmpty();
    }

    /** Awaits READY. */
    String ready() throws Exception {
        Received frame = next();
        assertEquals(FrameType.READY, frame.type());
        return frame.text();
    }

    /** Awaits a connection. @return its position */
    long awaitGiveBack(GiveBackReason reason, int slot, long id, String unread) throws Exception {
        Received frame = next();
        assertEquals(
                new Received(FrameType.GIVE_BACK, reason, false, slot, id, frame.position(), unread),
                frame,
                this::output);
        return frame.position();
    }

    /** Awaits FREE and a connection, in whichever order they come. @return the connection's position */
    long awaitFreeAndGiveBack(int slot, long id, String unread) throws Exception {
        Received first = next();
        Received second = next();
        Received back = first.type() == FrameType.FREE ? second : first;
        assertEquals(FrameType.FREE, (back == first ? second : first).type(), this::output);
        assertEquals(
                new Received(FrameType.GIVE_BACK, GiveBackReason.DISPATCH, false, slot, id, back.position(), unread),
                back,
                this::output);
        return back.position();
    }

    /** Awaits a frame of that type. */
    void await(FrameType type) throws Exception {
        assertEquals(type, next().type(), this::output);
    }

    /** As {@code kill -9}. */
    void kill() throws Exception {
        process.destroyForcibly().waitFor();
        // What it has sent is taken first.
        channelEnded.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    /** As {@code kill}, or as who stops a whole group of processes. */
    void terminate() {
        process.destroy();
    }

    int exitStatus() throws Exception {
        assertTrue(
                process.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS),
                () -> "did not exit; its output: " + output());
        return process.exitValue();
    }

    /** What the worker has written so far. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The monitor goes. */
    void end() throws Exception {
        onLoop(() -> {
            channel.close();
            return null;
        });
    }

    /** Keeps the monitor from reading what the worker sends, until the latch is counted down. */
    CountDownLatch keepBusy() {
        CountDownLatch over = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return over;
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly().waitFor();
        end();
        for (KeptFile overflow : overflows.values()) {
            close(overflow);
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }
}
