package org.handoff.lrwp.agent.internal.supervised;

import java.time.Duration;
import java.util.HashSet;
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
public final class SupervisedProcess implements PeerProcess {

    private final Process process;
    private final SupervisedGroup group;
    private final EventLoop loop;
    private final Executor blocking;
    private final long maxRequests;
    private final Runnable changed;
    private final Set<SupervisedPeer> peers = new LinkedHashSet<>();
    private final Set<SupervisedPeer> busyPeers = new HashSet<>();
    private boolean off;
    private boolean exceeding;
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
    SupervisedProcess(
            Process process,
            SupervisedGroup group,
            EventLoop loop,
            Executor blocking,
            long maxRequests,
            Runnable changed) {
        this.process = process;
        this.group = group;
        this.loop = loop;
        this.blocking = blocking;
        this.maxRequests = maxRequests;
        this.changed = changed;
    }

    // ---- for its peers

    /** The pool's that it is of. */
    public SupervisedGroup group() {
        return group;
    }

    public void joined(SupervisedPeer peer) {
        peers.add(peer);
        group.joined(peer.context());
        connections = peers.size();
        endIfIdle();
        changed.run();
    }

    public void began(SupervisedPeer peer) {
        busyPeers.add(peer);
        busy = busyPeers.size();
        requests++;
        if (requests == maxRequests) {
            // Of all requests only the last one is told: they come by the thousand.
            changed.run();
        }
    }

    public void finished(SupervisedPeer peer) {
        busyPeers.remove(peer);
        busy = busyPeers.size();
        endIfIdle();
    }

    public void left(SupervisedPeer peer) {
        peers.remove(peer);
        connections = peers.size();
        finished(peer);
        changed.run();
    }

    /** Whether another process is to come in its place, should it end now. */
    public boolean isMissed() {
        return !retiring;
    }

    /** Whether its peers get requests now. */
    public boolean takes() {
        return !off && !retiring && !exited && (maxRequests == 0 || exceeding || requests < maxRequests);
    }

    private void endIfIdle() {
        if (exited) {
            // What it had started may live on; nobody looks after it, so it serves no more.
            List.copyOf(peers).stream()
                    .filter(peer -> !busyPeers.contains(peer))
                    .forEach(SupervisedPeer::close);
        } else if (retiring && busyPeers.isEmpty() && !terminated) {
            terminated = true;
            blocking.execute(this::terminate);
        }
    }

    /** Looks how many requests wait. Called a few times a second. */
    void sweep() {
        waiting = peers.stream().map(SupervisedPeer::context).collect(Collectors.toSet()).stream()
                .mapToInt(SupervisedContext::waiting)
                .sum();
    }

    /** The process has ended; its peers mostly have too, or do so in a moment. */
    void exited() {
        exited = true;
        family.forEach(ProcessHandle::destroy);
        endIfIdle();
        changed.run();
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
            dispatch();
        });
    }

    @Override
    public void setExceeding(boolean next) {
        loop.execute(() -> {
            exceeding = next;
            dispatch();
        });
    }

    private void dispatch() {
        if (takes()) {
            peers.stream().map(SupervisedPeer::context).distinct().forEach(SupervisedContext::dispatch);
        }
    }

    @Override
    public void retire(Duration longest) {
        loop.execute(() -> {
            retiring = true;
            endIfIdle();
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
