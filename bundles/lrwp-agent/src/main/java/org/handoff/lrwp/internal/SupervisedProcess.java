package org.handoff.lrwp.internal;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.netty.channel.EventLoop;
import org.handoff.worker.pool.api.PeerProcess;

/**
 * A process that the agent has started for a pool, and its peers. On the agent's loop, but for what the pool calls.
 */
final class SupervisedProcess implements PeerProcess {

    private final Process process;
    private final EventLoop loop;
    private final Executor blocking;
    private final long maxRequests;
    private final Runnable changed;
    private final Set<Peer> peers = new LinkedHashSet<>();
    private boolean off;
    private boolean retiring;
    private boolean terminated;
    private boolean exited;
    /** Those that it had started when it was to end; they are told too when it has. */
    private volatile List<ProcessHandle> family = List.of();
    // Written on the loop only.
    private volatile int connections;
    private volatile int busy;
    private volatile int waiting;
    private volatile long requests;

    /** @param blocking looks at processes, which takes milliseconds */
    SupervisedProcess(Process process, EventLoop loop, Executor blocking, long maxRequests, Runnable changed) {
        this.process = process;
        this.loop = loop;
        this.blocking = blocking;
        this.maxRequests = maxRequests;
        this.changed = changed;
    }

    // ---- for its peers

    void joined(Peer peer) {
        peers.add(peer);
        update();
    }

    /** A peer of it begins a request. */
    void began() {
        requests++;
        update();
    }

    void left(Peer peer) {
        peers.remove(peer);
        update();
    }

    /** Whether another process is to come in its place, should it end now. */
    boolean isMissed() {
        return !retiring;
    }

    /** Whether its peers get requests now. */
    boolean takes() {
        return !off && !retiring && !exited && (maxRequests == 0 || requests < maxRequests);
    }

    /** Something has changed: counts anew, and ends what is to end and has nothing to do any more. */
    void update() {
        connections = peers.size();
        busy = (int) peers.stream().filter(Peer::isBusy).count();
        if (exited) {
            // What it had started may live on; nobody looks after it, so it serves no more.
            List.copyOf(peers).stream().filter(peer -> !peer.isBusy()).forEach(Peer::close);
        } else if (retiring && busy == 0 && !terminated) {
            terminated = true;
            blocking.execute(this::terminate);
        }
        changed.run();
    }

    /** Looks how many requests wait. Called a few times a second. */
    void sweep() {
        waiting = peers.stream().map(Peer::application).collect(Collectors.toSet()).stream()
                .mapToInt(Application::waiting).sum();
    }

    /** The process has ended; its peers mostly have too, or do so in a moment. */
    void exited() {
        exited = true;
        family.forEach(ProcessHandle::destroy);
        update();
    }

    private void terminate() {
        family = process.descendants().toList();
        process.destroy();
    }

    // ---- for the pool

    @Override
    public Process process() {
        return process;
    }

    @Override
    public int connections() {
        return connections;
    }

    @Override
    public int busy() {
        return busy;
    }

    @Override
    public int waiting() {
        return waiting;
    }

    @Override
    public long requests() {
        return requests;
    }

    @Override
    public void setOff(boolean next) {
        loop.execute(() -> {
            off = next;
            if (!off) {
                peers.stream().map(Peer::application).distinct().forEach(Application::dispatch);
            }
        });
    }

    @Override
    public void retire(Duration longest) {
        loop.execute(() -> {
            retiring = true;
            update();
        });
        loop.schedule(this::kill, longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void kill() {
        // What has ended is nobody's child any more, and its number may be another's.
        if (process.isAlive()) {
            blocking.execute(() -> {
                List<ProcessHandle> all = process.descendants().toList();
                process.destroyForcibly();
                all.forEach(ProcessHandle::destroyForcibly);
            });
        }
    }
}
