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
 * A process that the agent has started for a pool, and its peers. On the agent's loop; the pool's methods on any
 * thread.
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
    private ProcessLife life = ProcessLife.SERVING;
    private boolean off;
    private boolean exceeding;
    /** The process's descendants at the time when it was told to exit; they are told after its exit. */
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

    /** The group of the pool's processes. */
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
            // Only the last request is worth an event: requests come by the thousand.
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

    /** Whether another process is to take its place if it ends now. */
    public boolean isMissed() {
        return life == ProcessLife.SERVING || life == ProcessLife.LOST;
    }

    /** Whether its peers get requests now. */
    public boolean takes() {
        return !off && life == ProcessLife.SERVING && (maxRequests == 0 || exceeding || requests < maxRequests);
    }

    private void endIfIdle() {
        if (life.hasExited()) {
            // Its descendants may live on without supervision, so they serve no more requests.
            List.copyOf(peers).stream()
                    .filter(peer -> !busyPeers.contains(peer))
                    .forEach(SupervisedPeer::close);
        } else if (life == ProcessLife.RETIRING && busyPeers.isEmpty()) {
            life = ProcessLife.TERMINATED;
            blocking.execute(this::terminate);
        }
    }

    /** Counts the waiting requests. Called a few times a second. */
    void sweep() {
        waiting = peers.stream().map(SupervisedPeer::context).collect(Collectors.toSet()).stream()
                .mapToInt(SupervisedContext::waiting)
                .sum();
    }

    /** The process has ended; its peers mostly have too, or do so in a moment. */
    void exited() {
        life = life.exit();
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
            life = life.retire();
            endIfIdle();
        });
        loop.schedule(this::kill, longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void kill() {
        // After its end another process may have its number.
        if (process.isAlive()) {
            blocking.execute(() -> {
                List<ProcessHandle> all = process.descendants().toList();
                process.destroyForcibly();
                all.forEach(ProcessHandle::destroyForcibly);
            });
        }
    }
}
