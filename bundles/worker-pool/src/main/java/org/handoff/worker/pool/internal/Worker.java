package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.FileDescriptor;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool's view of one worker process: its control socket, its state, and the connections it holds. On the event
 * loop only.
 */
final class Worker implements ControlChannel.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final long COMPLAINT_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A worker's life; see design and docs/worker-protocol.md. */
    enum State { STARTING, ON, OFF, RETIRING, EXITED }

    /** What the pool hears of its worker, on the event loop. */
    interface Supervisor {

        /** It is ready. @param failures the reason why not, by the number of the handler, of those it cannot serve */
        void ready(Worker worker, Map<Integer, String> failures);

        /** Something has changed for the better: it may take a connection that it could not take before. */
        void relieved(Worker worker);

        /**
         * It could not take a connection.
         *
         * @param again whether another worker could not take it before: it is not passed around any further then
         */
        void notTaken(Worker worker, Connection connection, boolean again);

        /** It has ended. @param stateBefore its state until then */
        void exited(Worker worker, State stateBefore);
    }

    /** @param again whether another worker could not take it before */
    private record Held(Connection connection, int slot, boolean again) {
    }

    private final WorkerLauncher.Launched launched;
    private final Generation generation;
    private final IoEventLoop loop;
    private final Supervisor supervisor;
    private final long startedAt = System.nanoTime();
    private final ControlChannel channel;
    private final Map<Long, Held> held = new HashMap<>();
    private final BitSet slots = new BitSet(Scoreboard.SLOTS);
    private int lastSlot;
    private State state = State.STARTING;
    private long readyAt;
    private long notTaken;
    private long complainedAt;
    /** When it was told to give its connections back, and how many it had. */
    private long offAt;
    private int heldWhenOff;
    private boolean channelEnded;
    private boolean processEnded;

    /**
     * Takes over a started process, and kills it if it is not ready in time.
     *
     * @throws IOException if the event loop does not take its control socket; the process is killed then
     */
    Worker(WorkerLauncher.Launched launched, Generation generation, IoEventLoop loop, Supervisor supervisor)
            throws IOException {
        this.launched = launched;
        this.generation = generation;
        this.loop = loop;
        this.supervisor = supervisor;
        try {
            channel = ControlChannel.open(launched.control(), loop, this);
        } catch (IOException | RuntimeException e) {
            launched.process().destroyForcibly();
            launched.close();
            throw new IOException("its control socket cannot be watched: " + e.getMessage(), e);
        }
        launched.process().onExit().thenRun(() -> loop.execute(this::processExited));
        loop.schedule(this::checkStart, generation.settings().startSeconds(), TimeUnit.SECONDS);
    }

    String id() {
        return launched.id();
    }

    long pid() {
        return launched.process().pid();
    }

    Generation generation() {
        return generation;
    }

    State state() {
        return state;
    }

    /** Whether it is ready and not on its way out: on, or off until somebody turns it on. */
    boolean isInService() {
        return state == State.ON || state == State.OFF;
    }

    int connections() {
        return held.size();
    }

    long requests() {
        return launched.scoreboard().requests();
    }

    long ageNanos() {
        return System.nanoTime() - startedAt;
    }

    /** How long it was ready, or 0 if it never was. */
    long readyNanos() {
        return readyAt == 0 ? 0 : System.nanoTime() - readyAt;
    }

    /** Tells the end of the process in words, once it has ended: its status and the last line it printed. */
    void whenEnded(Consumer<String> told) {
        launched.process().onExit().thenAccept(process -> {
            String status = "exit status " + process.exitValue();
            String last = launched.output().last();
            loop.execute(() -> told.accept(last.isEmpty() ? status : status + ", last output: " + last));
        });
    }

    /**
     * Hands it a connection.
     *
     * @param again whether another worker could not take it before
     * @return false if it cannot take one now: it is not on, holds as many as it can, or its control socket is full
     */
    boolean offer(Connection connection, boolean again) {
        int slot = freeSlot();
        if (state != State.ON || slot < 0) {
            return false;
        }
        try {
            launched.scoreboard().untaken(slot);
        } catch (IOException e) {
            LOG.error("Worker {} gets no connection: its scoreboard cannot be written", id(), e);
            return false;
        }
        Frame frame = new Frame(FrameType.CONNECTION, 0, slot, connection.id(), connection.received());
        if (!channel.trySend(frame, connection.descriptor())) {
            return false;
        }
        slots.set(slot);
        lastSlot = slot;
        held.put(connection.id(), new Held(connection, slot, again));
        connection.handedOff(this::connectionClosed);
        return true;
    }

    /** Tells it which requests are foreign though a context of its own matches. */
    void elsewhere(List<RoutedContext> contexts) {
        if (isInService() || state == State.RETIRING) {
            channel.send(new Frame(FrameType.ELSEWHERE, 0, 0, 0, elsewherePayload(contexts)));
        }
    }

    private static ByteBuffer elsewherePayload(List<RoutedContext> contexts) {
        StringBuilder lines = new StringBuilder();
        contexts.forEach(one -> lines.append(one.host()).append(' ').append(one.context()).append('\n'));
        ByteBuffer payload = StandardCharsets.UTF_8.encode(lines.toString());
        if (payload.remaining() > Frame.MAX_PAYLOAD) {
            // Some thousand contexts of others inside our own: what is cut off is answered by the shorter context.
            LOG.error("{} contexts of other targets are too many to tell the workers", contexts.size());
            int end = Frame.MAX_PAYLOAD;
            while (payload.get(end - 1) != '\n') {
                end--;
            }
            payload.limit(end);
        }
        return payload;
    }

    /**
     * Takes it out of service: from now on it gets no request, and it gives its connections back.
     *
     * @return false if it is neither on nor off
     */
    boolean off() {
        if (state == State.ON) {
            state = State.OFF;
            offAt = System.nanoTime();
            heldWhenOff = held.size();
            channel.send(Frame.of(FrameType.OFF));
            tellIfOff();
        }
        return state == State.OFF;
    }

    private void tellIfOff() {
        if (state == State.OFF && held.isEmpty()) {
            LOG.info("Worker {} is off: it gave back {} connections within {} ms", id(), heldWhenOff,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - offAt));
        }
    }

    /**
     * Puts it back into service.
     *
     * @return false if it is neither on nor off
     */
    boolean on() {
        if (state == State.OFF) {
            state = State.ON;
            channel.send(Frame.of(FrameType.ON));
        }
        return state == State.ON;
    }

    /** Lets it finish: it gives its connections back and exits, or is killed once the time for that is over. */
    void retire() {
        if (state == State.STARTING) {
            kill("it is not needed any more");
        } else if (isInService()) {
            state = State.RETIRING;
            channel.send(Frame.of(FrameType.RETIRE));
            loop.schedule(this::checkRetired, generation.settings().drainSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Lets go of the process: it finishes its requests and exits by itself when it sees its control socket end. */
    void abandon() {
        if (state == State.STARTING) {
            // It has nothing to finish, and may never come to look at its control socket.
            launched.process().destroyForcibly();
        }
        state = State.EXITED;
        held.clear();
        channel.close();
        launched.close();
    }

    // ---- what the worker says

    @Override
    public void frame(Frame frame, int descriptor) throws IOException {
        if (descriptor >= 0) {
            new FileDescriptor(descriptor).close();
            throw new ProtocolException("a worker must not send a descriptor with " + frame);
        }
        switch (frame.type()) {
            case READY -> ready(frame);
            case GIVE_BACK -> givenBack(frame);
            default -> throw new ProtocolException("a worker must not send " + frame);
        }
    }

    private void ready(Frame frame) throws IOException {
        if (readyAt != 0) {
            throw new ProtocolException("a second " + frame);
        }
        readyAt = System.nanoTime();
        Files.deleteIfExists(launched.scoreboardFile());
        if (state == State.STARTING) {
            state = State.ON;
            LOG.info("Worker {} (pid {}, {}) is ready after {} ms", id(), pid(), generation,
                    TimeUnit.NANOSECONDS.toMillis(readyAt - startedAt));
            supervisor.ready(this, failures(frame));
        }
    }

    private static Map<Integer, String> failures(Frame frame) throws ProtocolException {
        Map<Integer, String> failures = new TreeMap<>();
        for (String line : StandardCharsets.UTF_8.decode(frame.payload()).toString().split("\n")) {
            if (!line.isBlank()) {
                String[] words = line.split(" ", 2);
                try {
                    failures.put(Integer.valueOf(words[0]), words.length > 1 ? words[1].strip() : "no reason given");
                } catch (NumberFormatException e) {
                    throw new ProtocolException("READY has the line \"" + line + "\"; it must begin with a number");
                }
            }
        }
        return failures;
    }

    private void givenBack(Frame frame) throws ProtocolException {
        GiveBackReason reason = GiveBackReason.of(frame);
        Held was = held.get(frame.connection());
        if (was == null) {
            // The client hung up while the frame was under way, and the connection is closed already.
            LOG.debug("worker {}: {} is closed already", id(), frame);
            return;
        }
        if (was.slot() != frame.slot()) {
            throw new ProtocolException(frame + ", but the connection is in slot " + was.slot());
        }
        forget(was);
        switch (reason) {
            case REQUESTED, IDLE -> was.connection().giveBack(frame.payload());
            case FOREIGN -> was.connection().foreign(frame.payload());
            case NOT_TAKEN -> {
                complainOfNotTaken();
                supervisor.notTaken(this, was.connection(), was.again());
            }
        }
        supervisor.relieved(this);
    }

    /** Not for each connection: they come by the thousand. */
    private void complainOfNotTaken() {
        notTaken++;
        long now = System.nanoTime();
        if (complainedAt == 0 || now - complainedAt > COMPLAINT_PAUSE_NANOS) {
            complainedAt = now;
            LOG.error("Worker {} (pid {}) cannot take connections, {} so far: it has too many descriptors open. Raise "
                    + "the limit of open files (ulimit -n) of Karaf's process, which workers inherit", id(), pid(),
                    notTaken);
        }
    }

    @Override
    public void drained() {
        supervisor.relieved(this);
    }

    @Override
    public void ended(Throwable cause) {
        if (cause != null) {
            LOG.error("Worker {} (pid {}) is killed: {}", id(), pid(), cause.getMessage());
        }
        launched.process().destroyForcibly();
        channelEnded = true;
        if (processEnded) {
            exit();
        }
    }

    // ---- what else happens

    private void connectionClosed(Connection connection) {
        Held was = held.get(connection.id());
        if (was != null) {
            forget(was);
            supervisor.relieved(this);
        }
    }

    /** Only now is it sure that it writes no more, to its clients or to the scoreboard. */
    private void processExited() {
        processEnded = true;
        if (channelEnded) {
            exit();
            return;
        }
        // Its last frames may still be in the socket, and are taken before the end of the channel is seen; a child of
        // the worker that inherited descriptor 0 would hide that end.
        loop.schedule(() -> {
            channel.close();
            exit();
        }, 1, TimeUnit.SECONDS);
    }

    private void checkStart() {
        if (state == State.STARTING) {
            kill("it was not ready within start.timeout = " + generation.settings().startSeconds() + " s");
        }
    }

    private void checkRetired() {
        if (state == State.RETIRING) {
            kill("it still has " + held.size() + " connections after drain.timeout = "
                    + generation.settings().drainSeconds() + " s");
        }
    }

    /** Ends the process at once; its connections are decided about as after any death. */
    void kill(String why) {
        LOG.warn("Worker {} (pid {}) is killed: {}", id(), pid(), why);
        // Its control socket ends with it, and everything else follows from that.
        launched.process().destroyForcibly();
    }

    private void exit() {
        if (state == State.EXITED) {
            return;
        }
        State before = state;
        state = State.EXITED;
        for (Held one : List.copyOf(held.values())) {
            decide(one);
        }
        held.clear();
        supervisor.exited(this, before);
        launched.close();
    }

    /** What becomes of a connection whose worker is dead: docs/worker-protocol.md, "The scoreboard". */
    private void decide(Held one) {
        Connection connection = one.connection();
        switch (launched.scoreboard().state(one.slot())) {
            case UNTAKEN -> connection.giveBack(connection.received());
            case IDLE -> connection.giveBack(ByteBuffer.allocate(0));
            case READING, HANDLING -> connection.answer(502);
            case ANSWERING -> connection.cut();
        }
    }

    private void forget(Held one) {
        held.remove(one.connection().id());
        slots.clear(one.slot());
        tellIfOff();
    }

    /** The slot that was free for longest, so that what its last connection still writes there hits nobody. */
    private int freeSlot() {
        int slot = slots.nextClearBit(lastSlot + 1);
        if (slot >= Scoreboard.SLOTS) {
            slot = slots.nextClearBit(0);
        }
        return slot < Scoreboard.SLOTS ? slot : -1;
    }

    @Override
    public String toString() {
        return id();
    }
}
