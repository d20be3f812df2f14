package org.handoff.worker.pool.internal.peer;

import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.api.PeerProcess;
import org.handoff.worker.pool.internal.config.PeerSettings;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.output.WorkerOutput;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.pool.internal.supervision.ResidentMemory;
import org.handoff.worker.pool.internal.supervision.SupervisedWorker;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.handoff.worker.pool.internal.supervision.WorkerState;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker whose process is an LRWP peer: it is ready when it has registered with the agent, which brings it its
 * requests. On the event loop only.
 */
public final class PeerHandle extends SupervisedWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PeerHandle.class);

    /** How long a process may be without a peer, once it was ready: it may be about to connect again. */
    private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A program's exit status after SIGTERM, the signal for retiring. */
    private static final int TERMINATED = 128 + 15;

    /** The pool, as told of events of its worker, on the event loop. */
    interface Supervisor {

        /** The worker has registered. */
        void ready(PeerHandle worker);

        /** The worker has begun all requests allowed to it. Called again and again until it retires. */
        void quotaReached(PeerHandle worker);

        PoolPolicy policy();
    }

    private final PeerProcess peers;
    private final WorkerOutput output;
    private final PeerSettings settings;
    private final String generation;
    private final long maxRequests;
    private final Supervisor supervisor;
    /** The time since which it has no peer, or 0. */
    private long lostAt;
    /** How long it may take to finish, and from when on. */
    private Duration drain;

    private long retiredAt;
    private boolean discarded;
    private boolean exceeding;

    /**
     * @param generation the settings that it was started with, for people
     * @param maxRequests the number of requests that the agent gives it; 0 for any
     */
    PeerHandle(
            String id,
            PeerProcess peers,
            PeerSettings settings,
            String generation,
            Lifetime lifetime,
            long maxRequests,
            IoEventLoop loop,
            Supervisor supervisor) {
        super(id, peers.process(), lifetime, loop);
        this.peers = peers;
        this.output = new WorkerOutput(id, peers.process(), null);
        this.settings = settings;
        this.generation = generation;
        this.maxRequests = maxRequests;
        this.supervisor = supervisor;
        loop.schedule(this::checkStart, supervisor.policy().startSeconds(), TimeUnit.SECONDS);
    }

    // ---- watching it

    /** Looks at its state. Called for each change reported by the agent, and a few times a second. */
    void look() {
        long now = System.nanoTime();
        seen(peers.requests(), peers.busy() > 0, now);
        boolean there = peers.connections() > 0;
        if (isStarting() && there) {
            long nanos = becomeReady(now);
            LOG.info(
                    "Worker {} (pid {}, {}) has registered after {} ms",
                    id(),
                    pid(),
                    generation,
                    TimeUnit.NANOSECONDS.toMillis(nanos));
            supervisor.ready(this);
        }
        if (isInService()) {
            lostAt = there ? 0 : lostAt == 0 ? now : lostAt;
            if (hasReachedQuota()) {
                supervisor.quotaReached(this);
            } else if (lostAt != 0 && now - lostAt > LOST_NANOS) {
                kill("its connection to the agent has ended, and it has made no other within "
                        + TimeUnit.NANOSECONDS.toSeconds(LOST_NANOS) + " s");
            }
        }
    }

    private void checkStart() {
        if (isStarting()) {
            kill("it has registered no peer within start.timeout = "
                    + supervisor.policy().startSeconds() + " s");
        }
    }

    // ---- what it is told

    @Override
    public boolean off() {
        if (isOn()) {
            become(WorkerState.OFF);
            peers.setOff(true);
        }
        return isOff();
    }

    @Override
    public boolean on() {
        if (isOff()) {
            become(WorkerState.ON);
            peers.setOff(false);
        }
        return isOn();
    }

    /** Lets it finish: it gets no further request, and is ended when it has answered those it has. */
    @Override
    public void retire() {
        if (isStarting()) {
            discarded = true;
            discard("it is not needed any more");
            become(WorkerState.RETIRING);
        } else if (isInService()) {
            become(WorkerState.RETIRING);
            drain = Duration.ofSeconds(supervisor.policy().drainSeconds());
            retiredAt = System.nanoTime();
            peers.retire(drain);
        }
    }

    @Override
    public CompletableFuture<Void> dump() {
        throw new IllegalArgumentException("worker " + id() + " is an LRWP peer, which writes no thread dump");
    }

    @Override
    public CompletableFuture<Inspected> inspect(Inspect.Subject subject) {
        throw new IllegalArgumentException("worker " + id() + " is an LRWP peer, which contains no bundles");
    }

    @Override
    protected void destroy() {
        peers.kill();
    }

    @Override
    protected WorkerOutput output() {
        return output;
    }

    @Override
    protected boolean isClean(int exitStatus) {
        return super.isClean(exitStatus) || exitStatus == TERMINATED;
    }

    @Override
    protected String words(String status) {
        if (drain != null && System.nanoTime() - retiredAt >= drain.toNanos()) {
            return "killed, it has not ended within drain.timeout = " + drain.toSeconds() + " s";
        }
        return super.words(status);
    }

    /** Whether it was ended before it was ready, as it was not needed. */
    boolean isDiscarded() {
        return discarded;
    }

    /** The worker has ended. @return its state until then */
    WorkerState exited() {
        WorkerState before = state();
        become(WorkerState.EXITED);
        return before;
    }

    // ---- what it is

    PeerSettings settings() {
        return settings;
    }

    @Override
    public int connections() {
        return peers.connections();
    }

    /** Whether it has begun all requests allowed to it: it serves no more. */
    boolean hasReachedQuota() {
        return maxRequests > 0 && !exceeding && peers.requests() >= maxRequests;
    }

    /** Lets it begin more requests than allowed, because no other worker can take its place; or ends that. */
    void exceed(boolean may) {
        if (exceeding != may) {
            exceeding = may;
            peers.setExceeding(may);
        }
    }

    int busy() {
        return peers.busy();
    }

    /** The number of requests that wait for a peer of its contexts. */
    int waiting() {
        return peers.waiting();
    }

    @Override
    public long requests() {
        return peers.requests();
    }

    @Override
    public long residentBytes() {
        return ResidentMemory.ofTree(pid());
    }

    @Override
    public boolean isBusy() {
        return peers.busy() > 0;
    }

    @Override
    public WorkerReport report(String pool, String end) {
        SortedMap<String, Integer> connections = new TreeMap<>();
        int busy = peers.busy();
        if (peers.connections() > 0) {
            connections.put("busy", busy);
            connections.put("free", peers.connections() - busy);
        }
        return new WorkerReport(
                id(),
                pool,
                pid(),
                shownState(),
                generation,
                "none: an LRWP peer",
                settings.command(),
                events(),
                end,
                requests(),
                connections,
                0,
                0,
                output);
    }
}
