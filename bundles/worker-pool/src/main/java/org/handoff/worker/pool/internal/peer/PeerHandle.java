package org.handoff.worker.pool.internal.peer;

import java.time.Duration;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.api.PeerProcess;
import org.handoff.worker.pool.internal.config.PeerSettings;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.launch.WorkerOutput;
import org.handoff.worker.pool.internal.supervision.History;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.pool.internal.supervision.PoolWorker;
import org.handoff.worker.pool.internal.supervision.ResidentMemory;
import org.handoff.worker.pool.internal.supervision.WorkerEnd;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker whose process is an LRWP peer: it is ready when it has registered with the agent, and the agent brings it
 * its requests. On the event loop only.
 */
public final class PeerHandle implements PoolWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PeerHandle.class);

    /** How long a process may be without a peer, once it was ready: it may be about to connect again. */
    private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A program's exit status after SIGTERM, which it is sent when it retires. */
    private static final int TERMINATED = 128 + 15;

    /** What the pool hears of its worker, on the event loop. */
    interface Supervisor {

        /** It has registered. */
        void ready(PeerHandle worker);

        /** It has begun as many requests as it may. Called again and again until it retires. */
        void spent(PeerHandle worker);

        PoolPolicy policy();
    }

    private final String id;
    private final PeerProcess peers;
    private final WorkerOutput output;
    private final PeerSettings settings;
    private final String generation;
    private final Lifetime lifetime;
    private final long maxRequests;
    private final IoEventLoop loop;
    private final Supervisor supervisor;
    private final long startedAt = System.nanoTime();
    private final History history = new History();
    private WorkerHandle.State state = WorkerHandle.State.STARTING;
    private long readyAt;
    private long activeAt;
    private long requestsSeen;
    /** Since when it has no peer, or 0. */
    private long lostAt;
    /** How long it may take to finish, and from when on. */
    private Duration drain;

    private long retiredAt;
    private String killedBecause;
    private boolean killedByCommand;
    private boolean discarded;
    private boolean exceeding;

    /**
     * @param generation which settings it was started with, for people
     * @param maxRequests how many requests the agent gives it; 0 for any number
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
        this.id = id;
        this.peers = peers;
        this.output = new WorkerOutput(id, peers.process());
        this.settings = settings;
        this.generation = generation;
        this.lifetime = lifetime;
        this.maxRequests = maxRequests;
        this.loop = loop;
        this.supervisor = supervisor;
        history.add("starting");
        loop.schedule(this::checkStart, supervisor.policy().startSeconds(), TimeUnit.SECONDS);
    }

    // ---- watching it

    /** Looks how it is. Called when the agent says that something has changed, and a few times a second. */
    void look() {
        long now = System.nanoTime();
        long requests = peers.requests();
        if (requests != requestsSeen || peers.busy() > 0) {
            requestsSeen = requests;
            activeAt = now;
        }
        boolean there = peers.connections() > 0;
        if (state == WorkerHandle.State.STARTING && there) {
            readyAt = now;
            activeAt = now;
            become(WorkerHandle.State.ON);
            LOG.info(
                    "Worker {} (pid {}, {}) has registered after {} ms",
                    id,
                    pid(),
                    generation,
                    TimeUnit.NANOSECONDS.toMillis(readyAt - startedAt));
            supervisor.ready(this);
        }
        if (isInService()) {
            lostAt = there ? 0 : lostAt == 0 ? now : lostAt;
            if (isSpent()) {
                supervisor.spent(this);
            } else if (lostAt != 0 && now - lostAt > LOST_NANOS) {
                kill("its connection to the agent has ended, and it has made no other within "
                        + TimeUnit.NANOSECONDS.toSeconds(LOST_NANOS) + " s");
            }
        }
    }

    private void checkStart() {
        if (state == WorkerHandle.State.STARTING) {
            kill("it has registered no peer within start.timeout = "
                    + supervisor.policy().startSeconds() + " s");
        }
    }

    // ---- what it is told

    @Override
    public boolean off() {
        if (state == WorkerHandle.State.ON) {
            become(WorkerHandle.State.OFF);
            peers.setOff(true);
        }
        return state == WorkerHandle.State.OFF;
    }

    @Override
    public boolean on() {
        if (state == WorkerHandle.State.OFF) {
            become(WorkerHandle.State.ON);
            peers.setOff(false);
        }
        return state == WorkerHandle.State.ON;
    }

    /** Lets it finish: it gets no further request, and is ended when it has answered those it has. */
    @Override
    public void retire() {
        if (state == WorkerHandle.State.STARTING) {
            discarded = true;
            killedBecause = "it is not needed any more";
            LOG.info("Worker {} (pid {}) is ended while it starts: {}", id, pid(), killedBecause);
            become(WorkerHandle.State.RETIRING);
            peers.kill();
        } else if (isInService()) {
            become(WorkerHandle.State.RETIRING);
            drain = Duration.ofSeconds(supervisor.policy().drainSeconds());
            retiredAt = System.nanoTime();
            peers.retire(drain);
        }
    }

    @Override
    public void killByCommand() {
        killedByCommand = true;
        kill("by command");
    }

    private void kill(String why) {
        if (killedBecause == null) {
            killedBecause = why;
            history.add("killed: " + why);
            LOG.warn("Worker {} (pid {}) is killed: {}", id, pid(), why);
        }
        peers.kill();
    }

    @Override
    public CompletableFuture<Void> dump() {
        throw new IllegalArgumentException("worker " + id + " is an LRWP peer, which writes no thread dump");
    }

    /** Tells the end of the process, once it has ended. */
    void whenEnded(Consumer<WorkerEnd> told) {
        peers.process().onExit().thenAccept(process -> {
            String last = output.last();
            String status = "exit status " + process.exitValue() + (last.isEmpty() ? "" : ", last output: " + last);
            boolean clean = process.exitValue() == 0 || process.exitValue() == TERMINATED;
            loop.execute(() -> told.accept(new WorkerEnd(clean, words(status), killedByCommand)));
        });
    }

    private String words(String status) {
        if (drain != null && System.nanoTime() - retiredAt >= drain.toNanos()) {
            return "killed, it has not ended within drain.timeout = " + drain.toSeconds() + " s";
        }
        return killedBecause == null ? status : "killed, " + killedBecause;
    }

    /** Whether it was ended before it was ready, because nobody needs it. */
    boolean isDiscarded() {
        return discarded;
    }

    /** It has ended. @return its state until then */
    WorkerHandle.State exited() {
        WorkerHandle.State before = state;
        become(WorkerHandle.State.EXITED);
        return before;
    }

    private void become(WorkerHandle.State next) {
        state = next;
        history.add(shownState());
    }

    // ---- what it is

    @Override
    public String id() {
        return id;
    }

    @Override
    public long pid() {
        return peers.process().pid();
    }

    PeerSettings settings() {
        return settings;
    }

    @Override
    public String shownState() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    boolean isStarting() {
        return state == WorkerHandle.State.STARTING;
    }

    boolean isOn() {
        return state == WorkerHandle.State.ON;
    }

    @Override
    public boolean isInService() {
        return state == WorkerHandle.State.ON || state == WorkerHandle.State.OFF;
    }

    @Override
    public Lifetime lifetime() {
        return lifetime;
    }

    @Override
    public int connections() {
        return peers.connections();
    }

    /** Whether it has begun as many requests as it may: it serves no more. */
    boolean isSpent() {
        return maxRequests > 0 && !exceeding && peers.requests() >= maxRequests;
    }

    /** Lets it begin more requests than it may otherwise, because nobody can take its place; or does so no more. */
    void exceed(boolean may) {
        if (exceeding != may) {
            exceeding = may;
            peers.setExceeding(may);
        }
    }

    int busy() {
        return peers.busy();
    }

    /** How many requests wait for a peer of its contexts. */
    int waiting() {
        return peers.waiting();
    }

    @Override
    public long requests() {
        return peers.requests();
    }

    @Override
    public long ageNanos() {
        return System.nanoTime() - startedAt;
    }

    @Override
    public long residentBytes() {
        return ResidentMemory.ofTree(pid());
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
                id,
                pool,
                pid(),
                shownState(),
                generation,
                "none: an LRWP peer",
                settings.command(),
                history.events(),
                end,
                requests(),
                connections,
                0,
                0);
    }

    @Override
    public String toString() {
        return id;
    }
}
