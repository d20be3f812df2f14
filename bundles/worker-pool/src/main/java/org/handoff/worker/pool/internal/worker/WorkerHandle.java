package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.worker.pool.internal.launch.JavaVersion;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.output.WorkerOutput;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.pool.internal.supervision.ResidentMemory;
import org.handoff.worker.pool.internal.supervision.SupervisedWorker;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.handoff.worker.pool.internal.supervision.WorkerState;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Yield;
import org.handoff.worker.protocol.log.LogLevels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool's view of one Java or native worker: its life from its start to its end, and the frames it gets. On the
 * event loop only.
 */
public final class WorkerHandle extends SupervisedWorker implements Shares.Sharer {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerHandle.class);

    /** How long a worker that has retired may take from the end of its control socket to its own. */
    private static final long EXIT_SECONDS = 2;

    private final WorkerLauncher.Launched launched;
    private final Generation generation;
    private final WorkerSupervisor supervisor;
    private final ControlChannel channel;
    private final WorkerConnections connections;
    private final WorkerWatch watch;
    private final WorkerInspection inspection;
    private final WorkerExit exit;
    /** The requests that it answered before it served. */
    private int warmUpRequests;

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
            WorkerSupervisor supervisor)
            throws IOException {
        super(launched.id(), launched.process(), lifetime, loop);
        this.launched = launched;
        this.generation = generation;
        this.supervisor = supervisor;
        connections = new WorkerConnections(this, launched, generation, loop, supervisor);
        inspection = new WorkerInspection(launched.id(), generation.program());
        watch = new WorkerWatch(this, launched, connections.admission(), loop, supervisor::policy);
        try {
            channel = ControlChannel.open(
                    launched.control(), loop, new WorkerFrames(this, connections, watch, inspection));
        } catch (IOException | RuntimeException e) {
            destroy();
            launched.close();
            throw new IOException("its control socket cannot be watched: " + e.getMessage(), e);
        }
        connections.speakBy(channel);
        watch.speakBy(channel);
        exit = new WorkerExit(channel, loop, this::exit, this::orphaned);
        exit.watch(launched.process());
        loop.schedule(this::checkStart, supervisor.policy().startSeconds(), TimeUnit.SECONDS);
    }

    public Generation generation() {
        return generation;
    }

    @Override
    public String describe() {
        return super.describe() + " in " + generation;
    }

    @Override
    public int connections() {
        return connections.held().size();
    }

    @Override
    public long requests() {
        return hasExited()
                ? requestsSeen()
                : isStarting() ? 0 : Math.max(0, launched.scoreboard().requests() - warmUpRequests);
    }

    @Override
    public long residentBytes() {
        return ResidentMemory.of(pid());
    }

    @Override
    public boolean isBusy() {
        return connections.held().isBusy();
    }

    @Override
    public WorkerReport report(String pool, String end) {
        boolean alive = !hasExited();
        return new WorkerReport(
                id(),
                pool,
                pid(),
                shownState(),
                generation.toString(),
                generation.program() == null
                        ? JavaVersion.of(generation.settings().java())
                        : "",
                launched.command(),
                events(),
                end,
                requests(),
                connections.held().states(),
                alive ? watch.handling() : 0,
                alive ? watch.handlingMillis() : 0,
                output());
    }

    // ---- watching it

    /** Checks its health. Called a few times a second. @param stalledNanos how long the loop was kept from looking */
    public void check(long now, long stalledNanos) {
        seen(requests(), watch.handling() != 0, now);
        connections.refused().tell(now);
        if (isInService() || isRetiring()) {
            watch.check(now, stalledNanos);
        }
    }

    @Override
    public CompletableFuture<Void> dump() {
        requireReady("writes a thread dump");
        return watch.dump();
    }

    @Override
    public CompletableFuture<Inspected> inspect(Inspect.Subject subject) {
        requireReady("says what it contains");
        return inspection.ask(subject, channel);
    }

    private void requireReady(String what) {
        if (!isInService() && !isRetiring()) {
            throw new IllegalArgumentException(
                    "worker " + id() + " is " + shownState() + "; only one that is ready " + what);
        }
    }

    // ---- connections

    @Override
    public Share share() {
        return connections.share();
    }

    @Override
    public void want(int connections) {
        channel.send(new Yield(connections).frame());
    }

    @Override
    public boolean keepsConnections() {
        return connections.admission().keepsConnections();
    }

    /** Whether it takes a connection now, as far as is known. */
    @Override
    public boolean takes() {
        return isOn() && connections.admission().isOpen();
    }

    @Override
    public boolean isShort() {
        return connections.admission().isShort();
    }

    /**
     * Hands it a connection.
     *
     * @param again whether another worker could not take it before
     * @return false if it cannot take one now: it is not on, is busy with another one, holds as many as it can, or its
     *         control socket is full
     */
    public boolean offer(Connection connection, boolean again) {
        return takes() && connections.offer(connection, again);
    }

    /** Tells it which requests are foreign though a context of its own matches. */
    public void foreignContexts(List<RoutedContext> contexts) {
        if (isInService() || isRetiring()) {
            connections.foreignContexts(contexts);
        }
    }

    /** Tells it the levels of its loggers, which only a Java worker takes. */
    public void logLevels(LogLevels levels) {
        if (generation.program() == null) {
            channel.send(Frame.of(levels));
        }
    }

    // ---- commands, and the pool's decisions

    /** From now on it gets no request, and gives its connections back. */
    @Override
    public boolean off() {
        if (isOn()) {
            become(WorkerState.OFF);
            channel.send(Frame.of(FrameType.OFF));
            connections.off();
        }
        return isOff();
    }

    @Override
    public boolean on() {
        if (isOff()) {
            become(WorkerState.ON);
            channel.send(Frame.of(FrameType.ON));
            capacityFreed();
        }
        return isOn();
    }

    /** Lets it finish: it gives its connections back and exits, or is killed after the time for that. */
    @Override
    public void retire() {
        if (isStarting()) {
            discard("it is not needed any more");
        } else if (isInService()) {
            become(WorkerState.RETIRING);
            channel.send(Frame.of(FrameType.RETIRE));
            loop.schedule(this::checkRetired, supervisor.policy().drainSeconds(), TimeUnit.SECONDS);
        }
    }

    /**
     * Abandons the process, as its pool ends: it sees its control socket end, answers its requests, closes idle
     * connections, and exits by itself, whether or not the monitor lives that long. Connections that it leaves are
     * decided about then, as after any death.
     */
    public void abandon() {
        if (isStarting()) {
            // It has no requests to finish, and may never read its control socket.
            discard("the pool closes");
            return;
        }
        int seconds = supervisor.policy().drainSeconds();
        LOG.info(
                "Worker {} (pid {}) is left to itself: it finishes {} connections within drain.timeout = {} s, and "
                        + "ends",
                id(),
                pid(),
                connections.held().size(),
                seconds);
        if (!isRetiring()) {
            become(WorkerState.RETIRING);
            loop.schedule(this::checkRetired, seconds, TimeUnit.SECONDS);
        }
        exit.closeChannel();
    }

    private void checkStart() {
        if (isStarting()) {
            kill("it was not ready within start.timeout = "
                    + supervisor.policy().startSeconds() + " s");
        }
    }

    private void checkRetired() {
        if (isRetiring()) {
            kill("it still has " + connections.held().size() + " connections after drain.timeout = "
                    + supervisor.policy().drainSeconds() + " s");
        }
    }

    // ---- what the worker says, as WorkerFrames tells it

    /** @param failures as for {@link WorkerSupervisor#ready} */
    void ready(Map<Integer, String> failures) throws IOException {
        Files.deleteIfExists(launched.scoreboardFile());
        List<String> paths = generation.settings().warmup();
        if (isStarting() && !paths.isEmpty()) {
            new WarmUp(this, connections, loop, paths, answered -> serve(failures, answered)).start();
        } else {
            serve(failures, 0);
        }
    }

    private void serve(Map<Integer, String> failures, int warmedUp) {
        String refusal = isStarting() ? supervisor.refusal(this, failures) : null;
        if (refusal != null) {
            kill(refusal);
        } else if (isStarting()) {
            warmUpRequests = warmedUp;
            long nanos = becomeReady(System.nanoTime());
            watch.answered();
            LOG.info(
                    "Worker {} (pid {}, {}) is ready after {} ms",
                    id(),
                    pid(),
                    generation,
                    TimeUnit.NANOSECONDS.toMillis(nanos));
            supervisor.ready(this, failures);
        }
    }

    void quotaReached() {
        note("quota reached: it begins no further request, as it has begun max.requests or got a signal");
        supervisor.quotaReached(this);
    }

    void leaving() {
        note("to end, by a signal");
        supervisor.leaving(this);
    }

    /** It may be able to take a connection that it could not take before. */
    void capacityFreed() {
        supervisor.capacityFreed(this);
    }

    // ---- its end

    /** Its control socket has ended. @param cause the failure; null if the worker closed it */
    void channelEnded(Throwable cause) {
        // Any other IOException is normal for the end of a process that had not read everything.
        if (cause instanceof ProtocolException || cause != null && !(cause instanceof IOException)) {
            LOG.error("Worker {} (pid {}) breaks the protocol", id(), pid(), cause);
            kill(String.valueOf(cause.getMessage()));
        }
        if (!isRetiring() || cause != null) {
            // By its handle, as Process would close the output, whose last line mostly says why the worker has ended.
            launched.process().toHandle().destroyForcibly();
        }
        // On its way out it ends by itself, and its exit status tells how, if it does so within a moment.
        loop.schedule(this::destroy, EXIT_SECONDS, TimeUnit.SECONDS);
        exit.channelEnded();
    }

    /** Without its loop its held connections cannot be decided about. */
    private void orphaned() {
        connections.held().clear();
        launched.close();
    }

    @Override
    protected void destroy() {
        launched.process().destroyForcibly();
    }

    @Override
    protected WorkerOutput output() {
        return launched.output();
    }

    private void exit() {
        if (hasExited()) {
            return;
        }
        WorkerState before = state();
        seen(requests(), false, System.nanoTime());
        become(WorkerState.EXITED);
        connections.decide();
        watch.ended();
        inspection.ended();
        supervisor.exited(this, before);
        launched.close();
    }
}
