package org.handoff.worker.runtime.connection;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

import io.netty.channel.EventLoop;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.socket.Descriptors;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.ForeignContexts;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.NoSpill;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Ready;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.Spill;
import org.handoff.worker.protocol.UnwrittenTail;
import org.handoff.worker.protocol.Yield;
import org.handoff.worker.runtime.log.WorkerLoggers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's side of docs/worker-protocol.md: takes connections, gives them back, and decides when the process ends.
 * Everything here happens on the event loop.
 */
public final class MonitorLink implements ControlChannel.Listener {

    /** The exit statuses of the process. */
    public static final int DONE = 0;

    public static final int FAILED = 1;
    public static final int OTHER_VERSION = 2;
    static final int PROTOCOL_ERROR = 3;

    private static final Logger LOG = LoggerFactory.getLogger(MonitorLink.class);

    private final EventLoop loop;
    private final HandlerThread handlers;
    private final AdaptiveDispatch dispatching;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final Arrivals arrivals;
    private final ServiceState state = new ServiceState();
    private final Deadline deadline = new Deadline();
    private final List<Runnable> whenDrained = new ArrayList<>();
    private ControlChannel control;
    private Consumer<ForeignContexts> foreignContexts = contexts -> {};
    private Inspection inspection = new Inspection(subject -> List.of());

    /** @param handlers with the loop for everything here */
    public MonitorLink(Scoreboard scoreboard, HandlerThread handlers, Dispatch dispatch) {
        loop = handlers.loop();
        this.handlers = handlers;
        arrivals = new Arrivals(this, scoreboard);
        dispatching = new AdaptiveDispatch(
                handlers,
                dispatch,
                type -> control.send(Frame.of(type)),
                () -> arrivals.connections().size() > 1,
                this::giveAway);
        handlers.listener(new HandlerThread.Listener() {
            @Override
            public void idle() {
                if (dispatching.oneAtATime()) {
                    execute(dispatching::idle);
                }
            }

            @Override
            public void quotaReached() {
                execute(MonitorLink.this::quotaReached);
            }

            @Override
            public void unwatched() {
                dispatching.unwatched();
            }

            @Override
            public void broken(Error cause) {
                MonitorLink.this.broken(cause);
            }
        });
    }

    /** The exit status of the process, once it is to end. */
    public CompletableFuture<Integer> ended() {
        return ended;
    }

    /** Takes the channel to the monitor; before its first frame. */
    public void control(ControlChannel channel) {
        control = channel;
    }

    /**
     * Tells the monitor that connections may come.
     *
     * @param temporary the folder for files of large requests
     * @param budget the engine's
     * @param failures the reasons why handlers cannot serve, by their numbers in the generation file
     * @param foreignContexts gets the contexts of other targets, at each change
     * @param contents tells what the framework contains; asked on any thread
     */
    public void ready(
            HttpEngine engine,
            Path temporary,
            MemoryBudget budget,
            SortedMap<Integer, String> failures,
            Consumer<ForeignContexts> foreignContexts,
            Function<Inspect.Subject, List<List<String>>> contents) {
        arrivals.ready(engine, temporary, budget);
        this.foreignContexts = foreignContexts;
        inspection = new Inspection(contents);
        control.send(new Ready(failures).frame());
        endIfDone();
    }

    @Override
    public void frame(Frame frame, int descriptor) throws IOException {
        if (frame.type() == FrameType.CONNECTION) {
            arrivals.connection(HandOff.of(frame), descriptor);
            dispatching.owe();
            return;
        }
        if (frame.type() == FrameType.SPILLED && descriptor >= 0) {
            arrivals.spill(HandedOffSpill.of(frame, descriptor));
            return;
        }
        if (descriptor >= 0) {
            Arrivals.close(descriptor);
            throw descriptorWith(frame);
        }
        switch (frame.type()) {
            case OFF -> off();
            case FOREIGN_CONTEXTS -> foreignContexts.accept(ForeignContexts.of(frame));
            case LOG_LEVELS -> WorkerLoggers.ALL.levels(frame.logLevels());
            case ON -> state.on();
            // The file did not arrive, so the next connection cannot be taken.
            case SPILLED -> arrivals.forgetSpill();
            case NO_SPILL -> {
                ServedConnection connection =
                        arrivals.connections().get(NoSpill.of(frame).connection());
                if (connection != null) {
                    connection.noFile();
                }
            }
            case YIELD -> dispatching.wanted(Yield.of(frame).connections());
            case PING -> control.send(Frame.of(FrameType.PONG));
            case DUMP -> ThreadDump.write(() -> execute(() -> control.send(Frame.of(FrameType.DUMPED))));
            case INSPECT ->
                inspection.ask(Inspect.of(frame).subject(), answer -> execute(() -> answer.forEach(control::send)));
            case RETIRE -> {
                state.retire();
                endAsynchronousInTime();
                releaseAll();
            }
            default -> throw new ProtocolException("the monitor does not send " + frame);
        }
        endIfDone();
    }

    /** The monitor keeps the bytes of a connection that was not taken. */
    @Override
    public void descriptorLost(Frame frame) throws IOException {
        if (frame.type() != FrameType.CONNECTION && frame.type() != FrameType.SPILLED) {
            throw descriptorWith(frame);
        }
        frame(frame, -1);
    }

    private static ProtocolException descriptorWith(Frame frame) {
        return new ProtocolException("the monitor sends no descriptor with " + frame);
    }

    private void off() {
        state.off();
        releaseAll();
    }

    private void releaseAll() {
        arrivals.forEach(ServedConnection::release);
    }

    /** The last request allowed to this worker has begun. */
    private void quotaReached() {
        state.quotaReached();
        control.send(Frame.of(FrameType.QUOTA_REACHED));
        releaseAll();
    }

    /**
     * Ends without a RETIRE of the monitor: goes on until another worker takes its place, for half of the time that it
     * has to end, and ends in time even if a thread hangs. Any thread.
     */
    public void leave() {
        execute(() -> {
            if (!state.leave()) {
                return;
            }
            deadline.begin();
            endAsynchronousInTime();
            if (!arrivals.isReady()) {
                retire();
                return;
            }
            LOG.info("SIGTERM has come: this worker asks for another one in its place, and then ends");
            control.send(Frame.of(FrameType.LEAVING));
            loop.schedule(this::retire, TimeUnit.SECONDS.toMillis(deadline.seconds()) / 2, TimeUnit.MILLISECONDS);
        });
    }

    /** Finishes the requests whose handlers run or that cannot go, and gives back all other connections. */
    private void retire() {
        if (!state.retire()) {
            return;
        }
        LOG.info(
                "No other worker has taken the place of this one since SIGTERM, so it retires; {} connections to"
                        + " finish or to give back",
                arrivals.connections().size());
        if (arrivals.isReady()) {
            quotaReached();
        }
        endIfDone();
    }

    /** Ends responses that would outlast this worker, when three quarters of its time to end are over. */
    private void endAsynchronousInTime() {
        loop.schedule(
                arrivals::endAsynchronous,
                TimeUnit.SECONDS.toMillis(deadline.seconds()) * 3 / 4,
                TimeUnit.MILLISECONDS);
    }

    /** Gives away connections that can go: a handler is busy here. */
    private void giveAway() {
        arrivals.forEach(ServedConnection::giveAway);
    }

    HandlerThread handlers() {
        return handlers;
    }

    AdaptiveDispatch dispatching() {
        return dispatching;
    }

    /** The reason for releasing a connection now. */
    GiveBackReason reason() {
        return state.isOn() ? GiveBackReason.DISPATCH : GiveBackReason.REQUESTED;
    }

    boolean isMonitorGone() {
        return state.isMonitorGone();
    }

    boolean isOn() {
        return state.isOn();
    }

    /** A connection has ended, or its descriptor here is closed. */
    void left(ServedConnection connection) {
        arrivals.left(connection);
        endIfDone();
    }

    /** Gives back a connection whose descriptor here is closed. */
    void giveBack(GiveBack connection) {
        control.send(connection.frame());
    }

    /**
     * Sends the monitor the file with bytes of a connection for which the journal has no room.
     *
     * @param file the file's descriptor, which stays the caller's
     * @return whether the frame has left this process
     * @throws IOException if it would have to wait, and there are too many descriptors for that
     */
    boolean overflow(Spill overflow, int file) throws IOException {
        return control.send(overflow.frame(), file);
    }

    /**
     * Sends the unwritten tail of a response.
     *
     * @param safe run when the frame has left this process, or is of no use any more
     */
    void tail(UnwrittenTail tail, FileDescriptor file, Runnable safe) throws IOException {
        if (control.send(tail.frame(), Descriptors.number(file)) || state.isMonitorGone()) {
            safe.run();
        } else {
            whenDrained.add(safe);
        }
    }

    @Override
    public void drained() {
        arrivals.connections().values().forEach(ServedConnection::drained);
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
            LOG.info(
                    "The monitor has gone: this worker ends after {} connections",
                    arrivals.connections().size(),
                    cause);
            state.monitorGone();
            runWhatWaited();
            deadline.begin();
            endAsynchronousInTime();
            // Requests that have begun are answered; each connection ends when it is idle.
            arrivals.forEach(ServedConnection::leave);
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
     * Ends the process at once, as the state of its connections is unknown after an error: the monitor decides about
     * them by the kernel's counts, and starts another worker. Any thread.
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
        boolean told = control == null || control.isDrained();
        if (state.isEnding(told) && arrivals.connections().isEmpty()) {
            ended.complete(DONE);
        }
    }
}
