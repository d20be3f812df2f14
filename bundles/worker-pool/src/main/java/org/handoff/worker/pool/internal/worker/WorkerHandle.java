package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.HttpLimits;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.launch.JavaVersion;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.History;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.pool.internal.supervision.PoolWorker;
import org.handoff.worker.pool.internal.supervision.ResidentMemory;
import org.handoff.worker.pool.internal.supervision.Watch;
import org.handoff.worker.pool.internal.supervision.WorkerEnd;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.Earlier;
import org.handoff.worker.protocol.Elsewhere;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.Overflow;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Yield;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool's view of one worker process: its control socket, its state, and the connections it holds. On the event
 * loop only.
 */
public final class WorkerHandle implements PoolWorker, Watch.Watched, Shares.Sharer {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerHandle.class);

    /** A worker's life; see design and docs/worker-protocol.md. */
    public enum State {
        STARTING,
        ON,
        OFF,
        RETIRING,
        EXITED
    }

    /** What the pool hears of its worker, on the event loop. */
    public interface Supervisor {

        /** It is ready. @param failures the reason why not, by the number of the handler, of those it cannot serve */
        void ready(WorkerHandle worker, Map<Integer, String> failures);

        /** Something has changed for the better: it may take a connection that it could not take before. */
        void relieved(WorkerHandle worker);

        /**
         * It could not take a connection.
         *
         * @param again whether another worker could not take it before: it is not passed around any further then
         */
        void notTaken(Connection connection, boolean again);

        /** It begins no other request. */
        void spent(WorkerHandle worker);

        /** It is to end, by a signal, and serves until it is replaced. */
        void leaving(WorkerHandle worker);

        /** What the pool acts by, now. */
        PoolPolicy policy();

        /** It has ended. @param stateBefore its state until then */
        void exited(WorkerHandle worker, State stateBefore);
    }

    /** How long a worker that had no descriptor for a connection gets no other one. */
    private static final int EXHAUSTED_SECONDS = 1;

    /** How long a worker that is to be killed may take to write its thread dump. */
    private static final long DUMP_SECONDS = 2;

    /** How long a worker that has retired may take from the end of its control socket to its own. */
    private static final long EXIT_SECONDS = 2;

    private final WorkerLauncher.Launched launched;
    private final Generation generation;
    private final IoEventLoop loop;
    private final Supervisor supervisor;
    private final long startedAt = System.nanoTime();
    private final ControlChannel channel;
    private final HeldConnections held;
    private final Lifetime lifetime;
    private final History history = new History();
    private final Watch watch;
    private State state = State.STARTING;
    private final Share share = new Share();
    /** Its handlers are slow, or it dispatches by request: it takes a connection only while it is free. */
    private boolean oneAtATime;

    private boolean free = true;
    private long readyAt;
    private long activeAt;
    private long requestsSeen;
    /** The connection whose request takes too long, or 0; while there is one, no other comes to this worker. */
    private long late;

    private CompletableFuture<Void> dump;
    private String killedBecause;
    private boolean killedByCommand;
    private final Complaint notTaken = new Complaint();
    private final Complaint failed = new Complaint();
    /** It had no descriptor for a connection a moment ago. */
    private boolean exhausted;
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
    public WorkerHandle(
            WorkerLauncher.Launched launched,
            Generation generation,
            Lifetime lifetime,
            IoEventLoop loop,
            Supervisor supervisor)
            throws IOException {
        this.launched = launched;
        this.held = new HeldConnections(
                launched.scoreboard(),
                HttpLimits.from(generation.settings().http()).writeTime());
        this.oneAtATime = generation.settings().dispatch() == Dispatch.REQUEST;
        this.lifetime = lifetime;
        this.watch = new Watch(this, startedAt);
        history.add("starting");
        this.generation = generation;
        this.loop = loop;
        this.supervisor = supervisor;
        try {
            channel = ControlChannel.open(launched.control(), loop, new WorkerFrames(this, held));
        } catch (IOException | RuntimeException e) {
            launched.process().destroyForcibly();
            launched.close();
            throw new IOException("its control socket cannot be watched: " + e.getMessage(), e);
        }
        launched.process().onExit().thenRun(this::tellLoop);
        loop.schedule(this::checkStart, supervisor.policy().startSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public String id() {
        return launched.id();
    }

    @Override
    public long pid() {
        return launched.process().pid();
    }

    public Generation generation() {
        return generation;
    }

    @Override
    public Lifetime lifetime() {
        return lifetime;
    }

    public State state() {
        return state;
    }

    @Override
    public String shownState() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String describe() {
        return PoolWorker.super.describe() + " in " + generation;
    }

    private void become(State next) {
        state = next;
        history.add(shownState());
    }

    @Override
    public boolean isInService() {
        return state == State.ON || state == State.OFF;
    }

    @Override
    public int connections() {
        return held.size();
    }

    @Override
    public long requests() {
        return state == State.EXITED ? requestsSeen : launched.scoreboard().requests();
    }

    @Override
    public long ageNanos() {
        return System.nanoTime() - startedAt;
    }

    @Override
    public long residentBytes() {
        return ResidentMemory.of(pid());
    }

    @Override
    public long readyNanos() {
        return readyAt == 0 ? 0 : System.nanoTime() - readyAt;
    }

    @Override
    public long idleNanos(long now) {
        return readyAt == 0 ? 0 : now - activeAt;
    }

    @Override
    public boolean isBusy() {
        return held.isBusy();
    }

    /** Tells the end of the process, once it has ended. */
    public void whenEnded(Consumer<WorkerEnd> told) {
        launched.process().onExit().thenAccept(process -> {
            String last = launched.output().last();
            String status = "exit status " + process.exitValue() + (last.isEmpty() ? "" : ", last output: " + last);
            loop.execute(() -> told.accept(new WorkerEnd(
                    process.exitValue() == 0,
                    killedBecause == null ? status : "killed, " + killedBecause,
                    killedByCommand)));
        });
    }

    // ---- watching it

    /**
     * Looks whether it is well. Called a few times a second.
     *
     * @param stalledNanos how long the loop was kept from looking
     */
    public void check(long now, long stalledNanos) {
        long requests = requests();
        if (requests != requestsSeen || handling() != 0) {
            requestsSeen = requests;
            activeAt = now;
        }
        if (isInService() || state == State.RETIRING) {
            watch.check(now, stalledNanos, supervisor.policy());
        }
    }

    @Override
    public long handling() {
        return launched.scoreboard().handling();
    }

    @Override
    public long handlingSince() {
        return launched.scoreboard().handlingSince();
    }

    @Override
    public void ping() {
        channel.send(Frame.of(FrameType.PING));
    }

    @Override
    public void stuck(long connection, String why) {
        LOG.warn("Worker {} (pid {}): {}. Its thread dump follows, then it is killed", id(), pid(), why);
        history.add(why);
        late = connection;
        Runnable kill = () -> {
            if (late != 0 && state != State.EXITED && killedBecause == null) {
                if (watch.isStillStuck()) {
                    kill(why);
                } else {
                    late = 0;
                    LOG.info("Worker {} goes on: that request has ended after all", id());
                    supervisor.relieved(this);
                }
            }
        };
        dump().thenRun(kill);
        loop.schedule(kill, DUMP_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public CompletableFuture<Void> dump() {
        if (!isInService() && state != State.RETIRING) {
            throw new IllegalArgumentException(
                    "worker " + id() + " is " + shownState() + "; only one that is ready writes a thread dump");
        }
        if (dump == null || dump.isDone()) {
            dump = new CompletableFuture<>();
            launched.output().expect();
            channel.send(Frame.of(FrameType.DUMP));
        }
        return dump;
    }

    @Override
    public WorkerReport report(String pool, String end) {
        boolean alive = state != State.EXITED;
        return new WorkerReport(
                id(),
                pool,
                pid(),
                shownState(),
                generation.toString(),
                JavaVersion.of(generation.settings().java()),
                launched.command(),
                history.events(),
                end,
                requests(),
                held.states(),
                alive ? handling() : 0,
                alive ? TimeUnit.NANOSECONDS.toMillis(watch.handlingNanos(System.nanoTime())) : 0);
    }

    /** Its share of the pool's requests. */
    @Override
    public Share share() {
        return share;
    }

    @Override
    public void want(int connections) {
        channel.send(new Yield(connections).frame());
    }

    /** Whether it takes any number of connections, whatever comes from them. */
    @Override
    public boolean keepsConnections() {
        return !oneAtATime;
    }

    /** Whether it takes a connection now, as far as is known. */
    @Override
    public boolean takes() {
        return state == State.ON && !exhausted && late == 0 && (free || !oneAtATime);
    }

    /**
     * Hands it a connection.
     *
     * @param again whether another worker could not take it before
     * @return false if it cannot take one now: it is not on, is busy with another one, holds as many as it can, or its
     *         control socket is full
     */
    public boolean offer(Connection connection, boolean again) {
        if (!takes()) {
            return false;
        }
        int slot = held.freeSlot();
        if (slot < 0) {
            return false;
        }
        try {
            launched.scoreboard().untaken(slot);
        } catch (IOException e) {
            LOG.error("Worker {} gets no connection: its scoreboard cannot be written", id(), e);
            return false;
        }
        UnusedBytes unused = connection.unused();
        if (!handOff(connection, unused, slot)) {
            return false;
        }
        free = false;
        held.add(new HeldConnection(connection, unused, slot, again));
        connection.handedOff(this::connectionClosed);
        return true;
    }

    /** @return false if there is no room for it in the control socket */
    private boolean handOff(Connection connection, UnusedBytes unused, int slot) {
        SpilledBytes spilled = unused.spilled();
        HandOff handOff = new HandOff(slot, connection.id(), unused.position(), spilled != null, unused.rest());
        if (spilled == null) {
            return channel.trySend(handOff.frame(), connection.descriptor());
        }
        if (!channel.trySend(
                new Earlier(slot, connection.id(), unused.first(), spilled.offset()).frame(),
                spilled.file().descriptor())) {
            return false;
        }
        try {
            channel.send(handOff.frame(), connection.descriptor());
            return true;
        } catch (IOException e) {
            LOG.warn("Connection {} waits for a descriptor to be handed to worker {}", connection.id(), id(), e);
            return false;
        }
    }

    /** Tells it which requests are foreign though a context of its own matches. */
    public void elsewhere(List<RoutedContext> contexts) {
        if (isInService() || state == State.RETIRING) {
            Elsewhere.Told told = new Elsewhere(contexts.stream()
                            .map(one -> new Elsewhere.Foreign(one.host(), one.context()))
                            .toList())
                    .told();
            if (!told.isWhole()) {
                // Some thousand contexts of others inside our own: what is cut off is answered by the shorter context.
                LOG.error("{} contexts of other targets are too many to tell the workers", contexts.size());
            }
            channel.send(told.frame());
        }
    }

    /**
     * Takes it out of service: from now on it gets no request, and it gives its connections back.
     *
     * @return false if it is neither on nor off
     */
    @Override
    public boolean off() {
        if (state == State.ON) {
            become(State.OFF);
            offAt = System.nanoTime();
            heldWhenOff = held.size();
            channel.send(Frame.of(FrameType.OFF));
            tellIfOff();
        }
        return state == State.OFF;
    }

    private void tellIfOff() {
        if (state == State.OFF && held.size() == 0) {
            LOG.info(
                    "Worker {} is off: it gave back {} connections within {} ms",
                    id(),
                    heldWhenOff,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - offAt));
        }
    }

    /**
     * Puts it back into service.
     *
     * @return false if it is neither on nor off
     */
    @Override
    public boolean on() {
        if (state == State.OFF) {
            become(State.ON);
            channel.send(Frame.of(FrameType.ON));
            supervisor.relieved(this);
        }
        return state == State.ON;
    }

    /** Lets it finish: it gives its connections back and exits, or is killed once the time for that is over. */
    @Override
    public void retire() {
        if (state == State.STARTING) {
            discard("it is not needed any more");
        } else if (isInService()) {
            become(State.RETIRING);
            channel.send(Frame.of(FrameType.RETIRE));
            loop.schedule(this::checkRetired, supervisor.policy().drainSeconds(), TimeUnit.SECONDS);
        }
    }

    /**
     * Lets go of the process, as its pool ends: it sees its control socket end, answers what it has, closes what is
     * idle, and exits by itself, whether or not the monitor lives that long. What it leaves behind is decided about
     * then, as after any death.
     */
    public void abandon() {
        if (state == State.STARTING) {
            // It has nothing to finish, and may never come to look at its control socket.
            discard("the pool closes");
            return;
        }
        int seconds = supervisor.policy().drainSeconds();
        LOG.info(
                "Worker {} (pid {}) is left to itself: it finishes {} connections within drain.timeout = {} s, and "
                        + "ends",
                id(),
                pid(),
                held.size(),
                seconds);
        if (state != State.RETIRING) {
            become(State.RETIRING);
            loop.schedule(this::checkRetired, seconds, TimeUnit.SECONDS);
        }
        channel.close();
        channelEnded = true;
    }

    // ---- what the worker says, as WorkerFrames tells it

    /** @param failures as for {@link Supervisor#ready} */
    void ready(Map<Integer, String> failures) throws IOException {
        readyAt = System.nanoTime();
        Files.deleteIfExists(launched.scoreboardFile());
        if (state == State.STARTING) {
            become(State.ON);
            activeAt = readyAt;
            watch.answered(readyAt);
            LOG.info(
                    "Worker {} (pid {}, {}) is ready after {} ms",
                    id(),
                    pid(),
                    generation,
                    TimeUnit.NANOSECONDS.toMillis(readyAt - startedAt));
            supervisor.ready(this, failures);
        }
    }

    /** It takes another connection. */
    void free() {
        free = true;
        share.freed(System.nanoTime());
        supervisor.relieved(this);
    }

    /** Its handlers are slow: it takes one connection at a time. */
    void slow() {
        oneAtATime = true;
        free = false;
    }

    /** Its handlers are slow no more. */
    void quick() {
        oneAtATime = generation.settings().dispatch() == Dispatch.REQUEST;
        supervisor.relieved(this);
    }

    /** It has answered a PING. */
    void ponged() {
        watch.answered(System.nanoTime());
    }

    void dumped() {
        if (dump != null) {
            dump.complete(null);
        }
    }

    void spent() {
        history.add("spent: it begins no other request, by their number or by a signal");
        supervisor.spent(this);
    }

    void leaving() {
        history.add("to end, by a signal");
        supervisor.leaving(this);
    }

    /** Tells it that the file of a request has not arrived here: so it keeps the request. */
    void noFile(Overflow overflow) {
        channel.send(overflow.noFile().frame());
    }

    /** It holds a connection no more; the caller closes what was held. */
    void forget(HeldConnection one) {
        held.remove(one);
        share.left();
        tellIfOff();
    }

    /** It may take a connection that it could not take before. */
    void relieved() {
        supervisor.relieved(this);
    }

    /** It has no descriptor for a connection, or cannot watch it. */
    void notTaken(HeldConnection was) {
        complain(
                notTaken,
                "Worker {} (pid {}) cannot take connections, {} so far: {}. Raise the limit of open files "
                        + "(ulimit -n) of Karaf's process, which workers inherit",
                "it has too many descriptors open, or its system refuses to watch them");
        exhausted = true;
        loop.schedule(
                () -> {
                    exhausted = false;
                    supervisor.relieved(this);
                },
                EXHAUSTED_SECONDS,
                TimeUnit.SECONDS);
        was.connection().notTaken();
        supervisor.notTaken(was.connection(), was.again());
    }

    /** Its system refuses what a connection needs to go on there. */
    void failed(HeldConnection was) {
        if (held.isAsHandedOff(was)) {
            forget(was);
            notTaken(was);
            was.close();
        } else {
            HeldConnections.Fates fates = held.decide(was);
            complain(
                    failed,
                    "Worker {} (pid {}) has given up connections, {} so far, as the system refuses calls there: see "
                            + "to the memory of this machine. Of the last one: {}",
                    fates);
            tellIfOff();
        }
        supervisor.relieved(this);
    }

    /** @param text with places for the worker's id, its pid, how often it has happened, and the detail */
    private void complain(Complaint complaint, String text, Object detail) {
        complaint.happens();
        if (complaint.take(System.nanoTime()) > 0) {
            LOG.error(text, id(), pid(), complaint.times(), detail);
        }
    }

    /** Its control socket has ended. @param cause why; null where the worker closed it */
    void channelEnded(Throwable cause) {
        // Any other IOException is what the end of a process looks like that had not read everything.
        if (cause instanceof ProtocolException || cause != null && !(cause instanceof IOException)) {
            LOG.error("Worker {} (pid {}) breaks the protocol", id(), pid(), cause);
            kill(String.valueOf(cause.getMessage()));
        }
        if (state == State.RETIRING && cause == null) {
            // On its way out: it ends by itself, and its exit status tells how. A moment is all it gets.
            loop.schedule(() -> launched.process().destroyForcibly(), EXIT_SECONDS, TimeUnit.SECONDS);
        } else {
            launched.process().destroyForcibly();
        }
        channelEnded = true;
        if (processEnded) {
            exit();
        }
    }

    // ---- what else happens

    private void connectionClosed(Connection connection) {
        HeldConnection was = held.get(connection.id());
        if (was != null) {
            forget(was);
            was.close();
            supervisor.relieved(this);
        }
    }

    private void tellLoop() {
        try {
            loop.execute(this::processExited);
        } catch (RejectedExecutionException e) {
            // With its loop there is nobody any more who would look at what is held.
            LOG.debug("the monitor has stopped before worker {}", id(), e);
            held.clear();
            launched.close();
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
        loop.schedule(
                () -> {
                    channel.close();
                    exit();
                },
                1,
                TimeUnit.SECONDS);
    }

    private void checkStart() {
        if (state == State.STARTING) {
            kill("it was not ready within start.timeout = "
                    + supervisor.policy().startSeconds() + " s");
        }
    }

    private void checkRetired() {
        if (state == State.RETIRING) {
            kill("it still has " + held.size() + " connections after drain.timeout = "
                    + supervisor.policy().drainSeconds() + " s");
        }
    }

    /** Ends a process that was never ready, which is nobody's fault. */
    private void discard(String why) {
        killedBecause = why;
        LOG.info("Worker {} (pid {}) is ended while it starts: {}", id(), pid(), why);
        launched.process().destroyForcibly();
    }

    @Override
    public void killByCommand() {
        killedByCommand = true;
        kill("by command");
    }

    /** Ends the process at once; its connections are decided about as after any death. */
    @Override
    public void kill(String why) {
        if (killedBecause == null) {
            killedBecause = why;
            history.add("killed: " + why);
            LOG.warn("Worker {} (pid {}) is killed: {}", id(), pid(), why);
        }
        // Its control socket ends with it, and everything else follows from that.
        launched.process().destroyForcibly();
    }

    private void exit() {
        if (state == State.EXITED) {
            return;
        }
        State before = state;
        requestsSeen = requests();
        become(State.EXITED);
        if (held.size() > 0) {
            HeldConnections.Fates fates = held.decide(late);
            if (fates.isLoss()) {
                LOG.warn("Worker {} (pid {}) has died: {}", id(), pid(), fates);
            } else {
                LOG.info("Worker {} (pid {}) has died: {}", id(), pid(), fates);
            }
        }
        if (dump != null) {
            dump.completeExceptionally(new IOException("worker " + id() + " has ended"));
        }
        supervisor.exited(this, before);
        launched.close();
    }

    @Override
    public String toString() {
        return id();
    }
}
