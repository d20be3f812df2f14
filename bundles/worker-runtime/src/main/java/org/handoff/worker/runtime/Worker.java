package org.handoff.worker.runtime;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.socket.Descriptors;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.Elsewhere;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.NoFile;
import org.handoff.worker.protocol.Overflow;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Ready;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.UnwrittenRest;
import org.handoff.worker.protocol.Yield;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's side of docs/worker-protocol.md: takes connections, gives them back, and knows when the process is to
 * end. Everything here happens on the event loop.
 */
final class Worker implements ControlChannel.Listener {

    /** The statuses that the process ends with. */
    static final int DONE = 0;

    static final int FAILED = 1;
    static final int OTHER_VERSION = 2;
    static final int PROTOCOL_ERROR = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final EventLoop loop;
    private final Scoreboard scoreboard;
    private final HandlerThread handlers;
    private final Turns turns;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final Map<Long, ClientConnection> connections = new HashMap<>();
    private ControlChannel control;
    private HttpEngine engine;
    private Path folder;
    private MemoryBudget memory;
    /** The file that has come for the next connection, or null. */
    private EarlierFile earlier;

    private Consumer<Elsewhere> elsewhere = contexts -> {};
    private final Deadline deadline = new Deadline();
    private final List<Runnable> whenDrained = new ArrayList<>();
    private boolean on = true;
    private boolean leaving;
    private boolean retiring;
    private boolean spent;
    private boolean monitorGone;

    /** @param loop where everything here happens */
    Worker(EventLoop loop, Scoreboard scoreboard, HandlerThread handlers, Dispatch dispatch) {
        this.loop = loop;
        this.scoreboard = scoreboard;
        this.handlers = handlers;
        this.turns = new Turns(
                loop,
                handlers,
                dispatch,
                type -> control.send(Frame.of(type)),
                () -> connections.size() > 1,
                this::giveAway);
        handlers.listener(new HandlerThread.Listener() {
            @Override
            public void idle() {
                if (turns.oneAtATime()) {
                    execute(turns::idle);
                }
            }

            @Override
            public void spent() {
                execute(Worker.this::spent);
            }

            @Override
            public void broken(Error cause) {
                Worker.this.broken(cause);
            }
        });
    }

    /** The status that the process is to end with, once it is. */
    CompletableFuture<Integer> ended() {
        return ended;
    }

    /** Takes the channel to the monitor; before its first frame. */
    void control(ControlChannel channel) {
        control = channel;
    }

    /**
     * Tells the monitor that connections may come.
     *
     * @param temporary where files for large requests are made
     * @param budget the engine's
     * @param failures why handlers cannot be served, by their numbers in the generation file
     * @param othersContexts gets the contexts of other targets, at each change
     */
    void ready(
            HttpEngine httpEngine,
            Path temporary,
            MemoryBudget budget,
            SortedMap<Integer, String> failures,
            Consumer<Elsewhere> othersContexts) {
        engine = httpEngine;
        folder = temporary;
        memory = budget;
        elsewhere = othersContexts;
        control.send(new Ready(failures).frame());
        endIfDone();
    }

    @Override
    public void frame(Frame frame, int descriptor) throws IOException {
        if (frame.type() == FrameType.CONNECTION) {
            connection(HandOff.of(frame), descriptor);
            return;
        }
        if (frame.type() == FrameType.EARLIER && descriptor >= 0) {
            forgetEarlier();
            earlier = EarlierFile.of(frame, descriptor);
            return;
        }
        close(descriptor);
        switch (frame.type()) {
            case OFF -> off();
            case ELSEWHERE -> elsewhere.accept(Elsewhere.of(frame));
            case ON -> on = !retiring && !spent;
            // Its file did not arrive, and so the connection cannot be taken that comes next.
            case EARLIER -> forgetEarlier();
            case NO_FILE -> {
                ClientConnection connection = connections.get(NoFile.of(frame).connection());
                if (connection != null) {
                    connection.noFile();
                }
            }
            case YIELD -> turns.wanted(Yield.of(frame).connections());
            case PING -> control.send(Frame.of(FrameType.PONG));
            case DUMP -> ThreadDump.write(() -> execute(() -> control.send(Frame.of(FrameType.DUMPED))));
            case RETIRE -> {
                retiring = true;
                off();
            }
            default -> throw new ProtocolException("the monitor does not send " + frame);
        }
        endIfDone();
    }

    /** The monitor keeps the bytes of a connection that was not taken. */
    @Override
    public void cutShort(Frame frame) throws IOException {
        if (frame.type() != FrameType.CONNECTION && frame.type() != FrameType.EARLIER) {
            throw new ProtocolException("the monitor does not send a descriptor with " + frame);
        }
        frame(frame, -1);
    }

    private void off() {
        on = false;
        List.copyOf(connections.values()).forEach(ClientConnection::release);
    }

    /** The last request that this worker may begin has begun. */
    private void spent() {
        spent = true;
        control.send(Frame.of(FrameType.SPENT));
        off();
    }

    /**
     * Is to end though the monitor has not said so: goes on until another worker takes its place, for half of the time
     * that it has to end, and ends in time whatever hangs. Any thread.
     */
    void leave() {
        execute(() -> {
            if (leaving || retiring || monitorGone) {
                return;
            }
            leaving = true;
            deadline.begin();
            if (engine == null) {
                retire();
                return;
            }
            LOG.info("This worker is to end, by a signal, and asks for another one in its place");
            control.send(Frame.of(FrameType.LEAVING));
            loop.schedule(this::retire, TimeUnit.SECONDS.toMillis(deadline.seconds()) / 2, TimeUnit.MILLISECONDS);
        });
    }

    /** Finishes the requests whose handlers run or that cannot go, and gives all else back. */
    private void retire() {
        if (retiring || monitorGone) {
            return;
        }
        LOG.info("This worker retires, as a signal said; {} connections to finish or to give back", connections.size());
        retiring = true;
        if (engine != null) {
            spent();
        }
        endIfDone();
    }

    /** Leaves to other workers what can go: a handler is busy here. */
    private void giveAway() {
        List.copyOf(connections.values()).forEach(ClientConnection::giveAway);
    }

    private void connection(HandOff handOff, int descriptor) throws IOException {
        if (engine == null
                || handOff.slot() < 0
                || handOff.slot() >= Scoreboard.SLOTS
                || connections.containsKey(handOff.connection())) {
            close(descriptor);
            throw new ProtocolException(
                    (engine == null ? "not ready yet for " : "no such slot, or held already: ") + handOff);
        }
        boolean withFile = handOff.behindFile();
        if (!withFile || earlier != null && earlier.connection() != handOff.connection()) {
            // One that did not come after all: its hand-off ended between the two frames.
            forgetEarlier();
        }
        EarlierFile came = earlier;
        earlier = null;
        if (descriptor < 0 || withFile && came == null) {
            notTaken(handOff, came, descriptor);
        } else if (!on) {
            passOn(handOff, came, descriptor);
        } else {
            serve(handOff, came, descriptor);
        }
        turns.owe();
    }

    /** The monitor still has what it sent. */
    private void notTaken(HandOff handOff, EarlierFile came, int descriptor) {
        close(came);
        close(descriptor);
        giveBack(new GiveBack(
                handOff.slot(),
                handOff.connection(),
                GiveBackReason.NOT_TAKEN,
                handOff.position(),
                handOff.received()));
    }

    private void passOn(HandOff handOff, EarlierFile came, int descriptor) {
        close(came);
        close(descriptor);
        giveBack(new GiveBack(
                handOff.slot(),
                handOff.connection(),
                GiveBackReason.REQUESTED,
                handOff.position(),
                came == null ? Frame.UNKNOWN : came.position(),
                handOff.received()));
    }

    private void forgetEarlier() {
        close(earlier);
        earlier = null;
    }

    private static void close(EarlierFile file) {
        if (file != null) {
            try {
                file.file().close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file of connection {}", file.connection(), e);
            }
        }
    }

    private static void close(int descriptor) {
        if (descriptor >= 0) {
            try {
                new Socket(descriptor).close();
            } catch (IOException e) {
                LOG.warn("Cannot close descriptor {}", descriptor, e);
            }
        }
    }

    private void serve(HandOff handOff, EarlierFile came, int descriptor) {
        EpollSocketChannel channel;
        try {
            channel = new EpollSocketChannel(descriptor);
        } catch (ChannelException e) {
            LOG.warn("Connection {} cannot be taken: the system tells nothing of its socket", handOff.connection(), e);
            notTaken(handOff, came, descriptor);
            return;
        }
        // Where its client reset it on the way here, the channel would never hear of its end.
        if (!channel.isActive()) {
            LOG.debug("the client of connection {} has gone", handOff.connection());
            end(descriptor);
            close(came);
            return;
        }
        ByteBuf received = Unpooled.copiedBuffer(handOff.received());
        ClientConnection connection = new ClientConnection(this, scoreboard, handOff, received, channel);
        connections.put(handOff.connection(), connection);
        connection.serve(engine, came, received);
    }

    /** Ends a connection for every process that holds it. */
    private static void end(int descriptor) {
        try {
            new Socket(descriptor).shutdown(true, true);
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("descriptor {} was shut down already", descriptor, e);
        }
        close(descriptor);
    }

    HandlerThread handlers() {
        return handlers;
    }

    Turns turns() {
        return turns;
    }

    /** Where files for large requests are made. */
    Path folder() {
        return folder;
    }

    /** What clients may fill in memory. */
    MemoryBudget memory() {
        return memory;
    }

    /** Why a connection is released now. */
    GiveBackReason reason() {
        return on ? GiveBackReason.DISPATCH : GiveBackReason.REQUESTED;
    }

    boolean isMonitorGone() {
        return monitorGone;
    }

    /** A connection has ended, or its descriptor here is closed. */
    void left(ClientConnection connection) {
        connections.remove(connection.id());
        endIfDone();
    }

    /** Gives a connection back whose descriptor here is closed. */
    void giveBack(GiveBack connection) {
        control.send(connection.frame());
    }

    /**
     * Tells the monitor of the file with bytes of a connection that its journal had no room for.
     *
     * @param file the file's descriptor, which stays the caller's
     * @return whether that has left this process
     * @throws IOException if it would have to wait, and there are too many descriptors for that
     */
    boolean overflow(Overflow overflow, int file) throws IOException {
        return control.send(overflow.frame(), file);
    }

    /**
     * Sends what is left of a response.
     *
     * @param safe run when the frame has left this process, or when that is of no use any more
     */
    void rest(UnwrittenRest rest, FileDescriptor file, Runnable safe) throws IOException {
        if (control.send(rest.frame(), Descriptors.number(file)) || monitorGone) {
            safe.run();
        } else {
            whenDrained.add(safe);
        }
    }

    @Override
    public void drained() {
        connections.values().forEach(ClientConnection::drained);
        runWhatWaited();
        endIfDone();
    }

    private void runWhatWaited() {
        List<Runnable> waited = List.copyOf(whenDrained);
        whenDrained.clear();
        waited.forEach(Runnable::run);
    }

    @Override
    public void ended(Throwable cause) {
        if (ended.isDone()) {
            return;
        }
        if (cause instanceof Error error) {
            broken(error);
        } else if (cause instanceof ProtocolException) {
            LOG.error("The monitor broke the protocol: {}", cause.getMessage());
            ended.complete(PROTOCOL_ERROR);
        } else if (cause != null && !(cause instanceof IOException)) {
            LOG.error("The control socket failed", cause);
            ended.complete(FAILED);
        } else {
            LOG.info("The monitor has gone; {} connections to finish", connections.size(), cause);
            monitorGone = true;
            on = false;
            runWhatWaited();
            deadline.begin();
            // What has come of requests is answered; each connection ends when it is idle.
            List.copyOf(connections.values()).forEach(ClientConnection::leave);
            endIfDone();
        }
    }

    private void execute(Runnable task) {
        loop.execute(() -> {
            try {
                task.run();
            } catch (Error e) {
                broken(e);
            }
        });
    }

    /**
     * Ends the process at once, as nobody knows what is true of its connections after an error: the monitor decides
     * about them by what the kernel has counted, and starts another worker. Any thread.
     */
    void broken(Error cause) {
        try {
            LOG.error("This worker ends by an error of its JVM, and is replaced: {}", cause.toString(), cause);
        } finally {
            // Not exit: that would wait for hooks, with the event loop going on meanwhile.
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private void endIfDone() {
        boolean leaving = monitorGone || retiring && (control == null || control.isDrained());
        if (leaving && connections.isEmpty()) {
            ended.complete(DONE);
        }
    }
}
