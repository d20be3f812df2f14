package org.handoff.worker.pool.internal.peer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.api.PeerAgent;
import org.handoff.worker.pool.api.PeerGroup;
import org.handoff.worker.pool.api.PeerProcess;
import org.handoff.worker.pool.internal.config.CrashLimit;
import org.handoff.worker.pool.internal.config.PeerSettings;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.launch.Rights;
import org.handoff.worker.pool.internal.supervision.CrashLoop;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.pool.internal.supervision.ProcessPool;
import org.handoff.worker.pool.internal.supervision.WorkerEnd;
import org.handoff.worker.pool.internal.supervision.WorkerState;
import org.handoff.worker.protocol.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool whose workers are LRWP peers: starts and replaces their processes, while the agent brings them their requests.
 * Changed settings recycle the workers, so that the present ones serve until a new one has registered. On the event
 * loop only; blocking work is left to an executor.
 */
public final class PeerPool extends ProcessPool<PeerHandle> implements PeerHandle.Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(PeerPool.class);

    public static final String NO_AGENT = "waiting for the LRWP agent; feature:install handoff-lrwp brings it";

    private final Executor blocking;
    private final Path wrapper;
    /** The ids of the workers whose processes are being started. */
    private final Set<String> launching = new HashSet<>();

    private PeerSettings settings;
    private CrashLoop crashes = new CrashLoop();
    /** The number of the settings, for people. */
    private int generation = 1;
    /** Null while there is none. */
    private PeerAgent agent;
    /** The agent's group for this pool; null while there is no agent. */
    private PeerGroup group;
    /** The problem last told to the agent; empty for none. */
    private String toldProblem = "";

    private long toldRetry;

    /**
     * @param blocking starts processes
     * @param wrapper the jar of the CGI wrapper
     */
    public PeerPool(PoolSettings settings, IoEventLoop loop, Executor blocking, Path wrapper) {
        super(settings.name(), loop, settings.policy());
        this.blocking = blocking;
        this.wrapper = wrapper;
        this.settings = settings.peers();
    }

    /** The agent has come, or has gone and has ended all its processes. @param present null for none */
    public void agent(PeerAgent present) {
        agent = present;
        // The group of a former agent is gone with it.
        group = null;
        crashes = new CrashLoop();
        openGroup();
        balance();
    }

    private void openGroup() {
        PeerGroup former = group;
        group = agent == null || isClosed() ? null : agent.group(name, settings.name());
        toldProblem = "";
        if (former != null) {
            // Last, so that a context that passes from one to the other is never away.
            former.close();
        }
    }

    /** Takes changed settings: workers with others are replaced. */
    public void configure(PeerSettings changed) {
        if (changed.equals(settings)) {
            return;
        }
        boolean renamed = !changed.name().equals(settings.name());
        settings = changed;
        if (renamed) {
            openGroup();
        }
        generation++;
        crashes = new CrashLoop();
        for (PeerHandle worker : List.copyOf(workers)) {
            if (worker.isStarting()) {
                worker.retire();
            } else {
                recycle(worker);
            }
        }
        balance();
    }

    // ---- replacing

    @Override
    public void ready(PeerHandle worker) {
        if (worker.settings() == settings) {
            crashes.ready();
        }
        balance();
    }

    @Override
    public void quotaReached(PeerHandle worker) {
        recycling.remove(worker);
        balance();
    }

    @Override
    protected void look(PeerHandle worker, long now, long stalledNanos) {
        worker.look();
    }

    @Override
    protected CrashLoop crashes() {
        return crashes;
    }

    @Override
    protected void balance() {
        if (isClosed() || agent == null || !agent.isListening()) {
            return;
        }
        // Workers that cannot be replaced go on, even beyond their number of requests.
        workers.forEach(worker -> worker.exceed(crashes.isFailing()));
        if (workers.stream().anyMatch(this::serves)) {
            // Not before: with its last peer a context goes, and requests could not wait for the next.
            workers.stream()
                    .filter(PeerHandle::isInService)
                    .filter(PeerHandle::hasReachedQuota)
                    .forEach(PeerHandle::retire);
        }
        for (int i = crashes.allowed(missing(), System.nanoTime()); i > 0; i--) {
            start();
        }
        letGoSurplus(PeerHandle::busy);
        tellAgent();
    }

    /** Lets the agent answer requests at once if no worker will soon. */
    private void tellAgent() {
        boolean down = crashes.isLooping() && workers.stream().noneMatch(this::serves);
        String problem = down ? crashes.problem() : "";
        if (!problem.equals(toldProblem) || down && crashes.nextProbe() != toldRetry) {
            toldProblem = problem;
            toldRetry = crashes.nextProbe();
            if (down) {
                group.unavailable(problem, Duration.ofSeconds(crashes.retrySeconds(System.nanoTime())));
            } else {
                group.available();
            }
        }
    }

    @Override
    protected boolean serves(PeerHandle worker) {
        return worker.isOn() && !worker.hasReachedQuota();
    }

    @Override
    protected Stream<PeerHandle> counted() {
        return workers.stream().filter(PeerHandle::isInService).filter(worker -> !worker.hasReachedQuota());
    }

    @Override
    protected int starting() {
        return launching.size()
                + (int) workers.stream().filter(PeerHandle::isStarting).count();
    }

    // ---- starting, and the end

    private void start() {
        String id = nextId();
        PeerSettings own = settings;
        String ownGeneration = "generation " + generation;
        Lifetime lifetime = Lifetime.random();
        long most = lifetime.maxRequests(policy());
        PeerGroup by = group;
        try {
            launching.add(id);
            crashes.started(id);
            blocking.execute(() -> launch(id, own, ownGeneration, lifetime, most, by));
        } catch (RejectedExecutionException e) {
            launching.remove(id);
            LOG.debug("pool {} is closing: worker {} is not started", name, id, e);
        }
    }

    /** Starts a process, and tells the loop. On the executor. */
    private void launch(String id, PeerSettings own, String ownGeneration, Lifetime lifetime, long most, PeerGroup by) {
        PeerProcess peers;
        try {
            ProcessBuilder program = own.program(Map.of(Variable.WORKER.key(), id, Variable.POOL.key(), name), wrapper);
            Rights.apply(program, name, own.runAs());
            peers = by.start(program, most, () -> changed(id));
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // An OutOfMemoryError if the system has no thread for the process: then too it has to be tried again.
            LOG.error("Pool {}: worker {} cannot be started: {}", name, id, e.getMessage());
            onLoop(() -> {
                launching.remove(id);
                startFailed(id, "cannot be started: " + e.getMessage());
            });
            return;
        }
        if (!onLoop(() -> started(id, peers, own, ownGeneration, lifetime, most))) {
            peers.kill();
        }
    }

    private boolean onLoop(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("pool {}: the monitor has stopped", name, e);
            return false;
        }
    }

    private void started(
            String id, PeerProcess peers, PeerSettings own, String ownGeneration, Lifetime lifetime, long most) {
        launching.remove(id);
        if (isClosed() || own != settings) {
            crashes.left(id);
            peers.kill();
            return;
        }
        PeerHandle worker;
        try {
            worker = new PeerHandle(id, peers, own, ownGeneration, lifetime, most, loop, this);
        } catch (OutOfMemoryError e) {
            // The system has no thread for its output.
            LOG.error("Pool {}: worker {} cannot be watched: {}", name, id, e.getMessage());
            peers.kill();
            startFailed(id, e.getMessage());
            return;
        }
        workers.add(worker);
        worker.whenEnded(end -> ended(worker, end));
        worker.look();
    }

    /** The agent reports a change. On any thread. */
    private void changed(String id) {
        onLoop(() -> workers.stream()
                .filter(worker -> worker.id().equals(id))
                .findFirst()
                .ifPresent(PeerHandle::look));
    }

    private void ended(PeerHandle worker, WorkerEnd end) {
        gone(worker);
        WorkerState before = worker.exited();
        if (worker.isDiscarded()) {
            LOG.debug("worker {} (pid {}) has ended while it started", worker, worker.pid());
        } else if (ended(worker, end, before == WorkerState.RETIRING, isClosed() || agent == null)
                && worker.settings() == settings) {
            if (before == WorkerState.STARTING) {
                startFailed(worker.id(), end.words());
            } else {
                died(worker.id(), end.words());
            }
            return;
        }
        crashes.left(worker.id());
        balance();
    }

    private void startFailed(String id, String reason) {
        crashes.startFailed(reason);
        died(id, reason);
    }

    private void died(String id, String reason) {
        CrashLimit limit = policy().crashLimit();
        if (crashes.died(id, reason, limit, System.nanoTime())) {
            logCrashLoop(limit, "generation " + generation);
        }
        balance();
    }

    // ---- for people

    @Override
    public String problem() {
        if (agent == null) {
            return NO_AGENT;
        }
        return agent.isListening()
                ? crashes.problem()
                : "waiting for the LRWP agent to listen; the log says why it does not";
    }

    @Override
    public int waiting() {
        // Mostly all of them have the same contexts.
        return workers.stream().mapToInt(PeerHandle::waiting).max().orElse(0);
    }

    @Override
    public void close() {
        super.close();
        List.copyOf(workers).forEach(PeerHandle::retire);
        openGroup();
    }
}
