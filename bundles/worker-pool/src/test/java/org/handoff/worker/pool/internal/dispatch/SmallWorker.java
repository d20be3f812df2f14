package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.zip.CRC32;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import org.handoff.socket.ControlSocket;
import org.handoff.socket.Descriptors;
import org.handoff.socket.SharedFile;
import org.handoff.socket.TcpCounts;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.Ready;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.protocol.Spill;
import org.handoff.worker.protocol.Spilled;
import org.handoff.worker.protocol.UnwrittenTail;
import org.handoff.worker.protocol.Variable;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * A worker process for tests: does with each connection what its request's path says, and reads nothing but the bytes
 * that came with it. What it does at its start is in the generation file, as the limit {@code http.start}.
 */
public final class SmallWorker implements ControlChannel.Listener {

    private record Held(int slot, long id, long position, int descriptor, byte[] received) {

        long begin() {
            return position - received.length;
        }
    }

    private final Scoreboard scoreboard;
    private final Map<Long, Held> held = new HashMap<>();
    private ControlSocket control;
    private ControlChannel channel;
    private boolean retiring;
    private Held untilDump;
    private int begun;
    private boolean stubborn;
    /** What came before the next connection, in a file. */
    private byte[] earlier = {};

    private SharedFile overflow;

    private SmallWorker(Scoreboard scoreboard) {
        this.scoreboard = scoreboard;
    }

    public static void main(String[] arguments) throws Exception {
        Properties generation = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(arguments[0]))) {
            generation.load(reader);
        }
        String given = generation.getProperty("http.start", "");
        String start = given.startsWith("as ") ? Files.readString(Path.of(given.substring(3))) : given;
        if (start.startsWith("exit")) {
            System.out.println("cannot start: " + start);
            System.exit(7);
        }
        if (start.startsWith("while-absent ") && new File(start.substring(13)).exists()) {
            System.exit(9);
        }
        // One file says who the next worker is to be: a bad one once, and then good ones.
        if (start.startsWith("once ") && new File(start.substring(5)).createNewFile()) {
            System.exit(8);
        }
        SmallWorker worker = new SmallWorker(Scoreboard.open(Path.of(Variable.SCOREBOARD.value())));
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        IoEventLoop loop = group.next();
        worker.control = ControlSocket.inherited();
        loop.submit(() -> {
                    worker.channel = ControlChannel.open(worker.control, loop, worker);
                    if (!start.equals("never")) {
                        Map<Integer, String> failures = start.equals("partial") ? Map.of(1, "it fails here") : Map.of();
                        worker.channel.send(new Ready(new TreeMap<>(failures)).frame());
                    }
                    return null;
                })
                .get();
    }

    @Override
    public void frame(Frame frame, int descriptor) throws IOException {
        if (frame.type() == FrameType.RETIRE) {
            if (stubborn) {
                return;
            }
            retiring = true;
            for (Held one : held.values()) {
                giveBack(one, GiveBackReason.REQUESTED, new byte[0]);
            }
            held.clear();
            leaveIfDone();
            return;
        }
        if (frame.type() == FrameType.OFF || frame.type() == FrameType.ON) {
            for (Held one : held.values()) {
                giveBack(one, GiveBackReason.REQUESTED, new byte[0]);
            }
            held.clear();
            return;
        }
        if (frame.type() == FrameType.YIELD || frame.type() == FrameType.LOG_LEVELS) {
            // It need not care.
            return;
        }
        if (frame.type() == FrameType.PING) {
            channel.send(Frame.of(FrameType.PONG));
            return;
        }
        if (frame.type() == FrameType.DUMP) {
            System.out.println("a thread dump");
            if (untilDump != null) {
                scoreboard.handling(0);
                respond(untilDump, Variable.WORKER.value());
                scoreboard.slot(untilDump.slot()).state(SlotState.IDLE);
                giveBack(untilDump, GiveBackReason.IDLE, new byte[0]);
                held.remove(untilDump.id());
                untilDump = null;
            }
            channel.send(Frame.of(FrameType.DUMPED));
            return;
        }
        if (frame.type() == FrameType.SPILLED) {
            SharedFile file = SharedFile.of(descriptor);
            long offset = Spilled.of(frame).offset();
            ByteBuffer bytes = ByteBuffer.allocate((int) (file.size() - offset));
            file.read(bytes, offset);
            file.close();
            earlier = bytes.array();
            return;
        }
        HandOff handOff = HandOff.of(frame);
        ByteBuffer all = ByteBuffer.allocate(earlier.length + handOff.received().remaining());
        byte[] received = all.put(earlier).put(handOff.received()).array();
        earlier = new byte[0];
        Held connection = new Held(handOff.slot(), handOff.connection(), handOff.position(), descriptor, received);
        if (retiring) {
            giveBack(connection, GiveBackReason.REQUESTED, received);
            leaveIfDone();
            return;
        }
        held.put(connection.id(), connection);
        act(connection, new String(received, ISO_8859_1).split(" ")[1].replaceFirst("/p/", ""));
    }

    private void act(Held connection, String what) throws IOException {
        switch (what) {
            case "untaken" -> {}
            case "idle", "keep" -> {
                scoreboard.slot(connection.slot()).state(SlotState.IDLE);
                respond(
                        connection,
                        Variable.WORKER.value() + " " + ProcessHandle.current().pid());
            }
            case "back", "failed", "failed-as-told", "failed-at-next" -> {
                scoreboard.slot(connection.slot()).state(what.endsWith("next") ? SlotState.READING : SlotState.IDLE);
                scoreboard.slot(connection.slot()).request(what.endsWith("told") ? connection.position() : -1);
                respond(
                        connection,
                        Variable.WORKER.value() + " " + ProcessHandle.current().pid());
                held.remove(connection.id());
                giveBack(connection, what.equals("back") ? GiveBackReason.IDLE : GiveBackReason.FAILED, new byte[0]);
            }
            case "spend" -> {
                begun++;
                scoreboard.slot(connection.slot()).state(SlotState.IDLE);
                if (begun == Integer.parseInt(Variable.MAX_REQUESTS.value())) {
                    channel.send(Frame.of(FrameType.QUOTA_REACHED));
                }
                respond(
                        connection,
                        Variable.WORKER.value() + " " + ProcessHandle.current().pid() + " " + begun);
                held.remove(connection.id());
                giveBack(connection, GiveBackReason.IDLE, new byte[0]);
            }
            case "leave" -> {
                scoreboard.slot(connection.slot()).state(SlotState.IDLE);
                channel.send(Frame.of(FrameType.LEAVING));
                respond(
                        connection,
                        Variable.WORKER.value() + " " + ProcessHandle.current().pid());
                held.remove(connection.id());
                giveBack(connection, GiveBackReason.IDLE, new byte[0]);
            }
            case "environment" -> {
                scoreboard.slot(connection.slot()).state(SlotState.IDLE);
                respond(
                        connection,
                        Variable.MAX_REQUESTS.value() + "," + Variable.DRAIN_TIMEOUT.value() + ","
                                + System.getenv("OF_THE_USER"));
            }
            case "hang", "hang-until-dump" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                scoreboard.handling(connection.id());
                untilDump = what.equals("hang") ? null : connection;
            }
            case "never-back" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                stubborn = true;
            }
            // What a careful worker tells before it would go on; the second worker answers.
            case "read", "unsent", "half-sent", "sent" -> {
                if (!Variable.WORKER.value().endsWith("-1")) {
                    act(connection, "back");
                    return;
                }
                tell(connection);
                if (!what.equals("read")) {
                    byte[] response = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell".getBytes(ISO_8859_1);
                    Scoreboard.Slot slot = scoreboard.slot(connection.slot());
                    slot.next(connection.position());
                    slot.begins(
                            TcpCounts.of(new Socket(connection.descriptor())).written());
                    slot.answer(ByteBuffer.wrap(response), true);
                    slot.state(SlotState.HANDLING);
                    int sent = what.equals("sent") ? response.length : what.equals("unsent") ? 0 : 20;
                    write(connection, new String(response, 0, sent, ISO_8859_1));
                }
            }
            // A large request, which the first worker reads and puts into a file, or says so; who gets it then answers.
            case "large", "large-back", "large-short", "large-short-back", "large-device", "large-handling" -> {
                if (!Variable.WORKER.value().endsWith("-1") || overflow != null) {
                    CRC32 sum = new CRC32();
                    sum.update(connection.received());
                    scoreboard.slot(connection.slot()).state(SlotState.IDLE);
                    respond(connection, Variable.WORKER.value() + " " + sum.getValue());
                    held.remove(connection.id());
                    giveBack(connection, GiveBackReason.IDLE, new byte[0]);
                    return;
                }
                large(connection, what.substring("large".length()));
            }
            case "overflow-of-nobody" -> {
                SharedFile file = SharedFile.create(Path.of(System.getProperty("java.io.tmpdir")));
                channel.send(new Spill(77, 123_456_789, 0).frame(), file.descriptor());
                file.close();
                act(connection, "back");
            }
            case "overflow-bare" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                channel.send(new Spill(connection.slot(), connection.id(), 0).frame());
            }
            case "overflow-wrong-slot" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                channel.send(new Spill(connection.slot() + 1, connection.id(), 0).frame(), connection.descriptor());
            }
            case "overflow-before-the-beginning" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                channel.send(new Spill(connection.slot(), connection.id(), -5).frame(), connection.descriptor());
            }
            case "rest-ring", "rest-file", "rest-closed", "rest-cut-file", "rest-of-before", "rest-elsewhere" -> {
                if (!Variable.WORKER.value().endsWith("-1")) {
                    act(connection, "back");
                    return;
                }
                tell(connection);
                rest(connection, what);
            }
            case "rest-wrong-slot", "rest-impossible", "rest-without-file" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                int slot = connection.slot() + (what.equals("rest-wrong-slot") ? 1 : 0);
                int capacity = what.equals("rest-impossible") ? 0 : 10;
                ByteBuffer none = ByteBuffer.allocate(0);
                Frame frame = new UnwrittenTail(slot, connection.id(), true, 0, 0, capacity, 10, none).frame();
                if (what.equals("rest-without-file")) {
                    channel.send(frame);
                } else {
                    channel.send(frame, connection.descriptor());
                }
            }
            case "reading" -> scoreboard.slot(connection.slot()).state(SlotState.READING);
            case "handling" -> scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
            case "answering" -> {
                scoreboard.slot(connection.slot()).state(SlotState.ANSWERING);
                write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            }
            case "not-taken" -> {
                held.remove(connection.id());
                giveBack(connection, GiveBackReason.NOT_TAKEN, connection.received());
            }
            case "not-taken-by-the-first" -> {
                if (Variable.WORKER.value().endsWith("-1")) {
                    act(connection, "not-taken");
                } else {
                    act(connection, "keep");
                }
            }
            case "violation" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                channel.send(Frame.of(FrameType.RETIRE));
            }
            // Frames that are cut short, or would be: with a descriptor, which must not stay with the monitor.
            case "short", "long" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                ByteBuffer packet = ByteBuffer.allocateDirect(what.equals("short") ? 15 : 140_000);
                control.send(packet.put(0, (byte) 1).put(1, (byte) 66), connection.descriptor());
            }
            case "wrong-slot" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                channel.send(new GiveBack(
                                connection.slot() + 1,
                                connection.id(),
                                GiveBackReason.REQUESTED,
                                0,
                                ByteBuffer.allocate(0))
                        .frame());
            }
            case "descriptor" -> {
                scoreboard.slot(connection.slot()).state(SlotState.HANDLING);
                channel.trySend(
                        new GiveBack(
                                        connection.slot(),
                                        connection.id(),
                                        GiveBackReason.REQUESTED,
                                        0,
                                        ByteBuffer.allocate(0))
                                .frame(),
                        connection.descriptor());
            }
            default -> throw new IOException("unknown: " + what);
        }
    }

    /** Reads 100,000 bytes into a file and 10 into the journal, and tells of it as the request says. */
    private void large(Held connection, String how) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(100_010);
        bytes.put(connection.received());
        while (bytes.hasRemaining()) {
            int read = new Socket(connection.descriptor()).recv(bytes, bytes.position(), bytes.limit());
            bytes.position(bytes.position() + Math.max(read, 0));
        }
        overflow = SharedFile.create(Path.of(System.getProperty("java.io.tmpdir")));
        overflow.write(bytes.flip().limit(how.startsWith("-short") ? 99_999 : 100_000), 0);
        Scoreboard.Slot slot = scoreboard.slot(connection.slot());
        slot.request(connection.begin());
        if (how.equals("-device")) {
            RandomAccessFile zero = new RandomAccessFile("/dev/zero", "rw");
            channel.send(
                    new Spill(connection.slot(), connection.id(), connection.begin()).frame(),
                    FileDescriptorCast.using(zero.getFD()).as(Integer.class));
        } else {
            channel.send(
                    new Spill(connection.slot(), connection.id(), connection.begin()).frame(), overflow.descriptor());
        }
        slot.first(connection.begin() + 100_000);
        byte[] rest = new byte[10];
        bytes.limit(100_010).position(100_000).get(rest);
        slot.journal().put(0, rest);
        slot.state(SlotState.READING);
        if (how.equals("-handling")) {
            // A small request, and what is behind it.
            slot.next(connection.begin() + 1000);
            slot.begins(TcpCounts.of(new Socket(connection.descriptor())).written());
            slot.state(SlotState.HANDLING);
        }
        if (how.endsWith("-back")) {
            held.remove(connection.id());
            new FileDescriptor(connection.descriptor()).close();
            channel.send(new GiveBack(
                            connection.slot(),
                            connection.id(),
                            GiveBackReason.DISPATCH,
                            connection.begin() + 100_010,
                            connection.begin(),
                            ByteBuffer.wrap(rest))
                    .frame());
        }
    }

    private void tell(Held connection) {
        Scoreboard.Slot slot = scoreboard.slot(connection.slot());
        slot.first(connection.position() - connection.received().length);
        slot.request(connection.position() - connection.received().length);
        slot.journal().put(0, connection.received());
        slot.state(SlotState.READING);
    }

    private long handled(Held connection) throws IOException {
        Scoreboard.Slot slot = scoreboard.slot(connection.slot());
        long begins = TcpCounts.of(new Socket(connection.descriptor())).written();
        slot.next(connection.position());
        slot.begins(begins);
        slot.state(SlotState.HANDLING);
        return begins;
    }

    /** Writes as much of a large response as the client takes, and sends the monitor a file with what is left. */
    private void rest(Held connection, String what) throws IOException {
        long begins = handled(connection);
        if (what.equals("rest-of-before")) {
            // A response that was taken, and after it a request whose handler has just been called.
            sendRest(connection, begins - 100, begins, new byte[100], -1, true);
            return;
        }
        byte[] response = LargeResponse.of(what.equals("rest-closed"));
        scoreboard.slot(connection.slot()).state(SlotState.ANSWERING);
        int sent = LargeResponse.sendWhatIsTaken(response, connection.descriptor());
        long end = begins + response.length;
        switch (what) {
            case "rest-ring", "rest-closed" -> {
                int capacity = response.length - sent + 1000;
                byte[] ring = new byte[capacity];
                for (int i = sent; i < response.length; i++) {
                    ring[i % capacity] = response[i];
                }
                sendRest(connection, begins, end, ring, capacity, what.equals("rest-ring"));
            }
            // It begins behind what is left: some bytes come with the frame.
            case "rest-file" ->
                sendRest(
                        connection,
                        begins + sent + 1000,
                        end,
                        Arrays.copyOfRange(response, sent + 1000, response.length),
                        -1,
                        true,
                        Arrays.copyOfRange(response, sent - 50, sent + 1000));
            case "rest-cut-file" ->
                sendRest(connection, begins, end, Arrays.copyOf(response, sent + 300_000), -1, true);
            // Not a place in the file, and in none of the bytes with the frame.
            default -> sendRest(connection, begins + sent + 1000, end, response, -1, true);
        }
    }

    private void sendRest(
            Held connection, long origin, long end, byte[] content, long capacity, boolean keeps, byte... before)
            throws IOException {
        Path path = Files.createTempFile("rest", null);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(content);
            channel.send(
                    new UnwrittenTail(
                                    connection.slot(),
                                    connection.id(),
                                    keeps,
                                    0,
                                    origin,
                                    capacity,
                                    end,
                                    ByteBuffer.wrap(before))
                            .frame(),
                    Descriptors.number(file.getFD()));
        } finally {
            Files.delete(path);
        }
    }

    private void giveBack(Held one, GiveBackReason reason, byte[] unused) throws IOException {
        new FileDescriptor(one.descriptor()).close();
        channel.send(new GiveBack(one.slot(), one.id(), reason, Frame.UNKNOWN, ByteBuffer.wrap(unused)).frame());
    }

    private void respond(Held connection, String body) throws IOException {
        write(connection, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        scoreboard.answered();
    }

    private static void write(Held connection, String text) throws IOException {
        byte[] bytes = text.getBytes(ISO_8859_1);
        new Socket(connection.descriptor())
                .send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), 0, bytes.length);
    }

    private void leaveIfDone() {
        if (held.isEmpty() && channel.isDrained()) {
            System.exit(0);
        }
    }

    @Override
    public void ended(Throwable cause) {
        System.exit(cause == null ? 0 : 3);
    }
}
