package org.handoff.lrwp.agent.internal.supervised;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.netty.channel.EventLoop;
import org.handoff.worker.pool.api.PeerGroup;
import org.handoff.worker.pool.api.PeerProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool's processes, and the context that is kept for them. On the agent's loop, but for the methods called by the
 * pool.
 */
public final class SupervisedGroup implements PeerGroup {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedGroup.class);

    private final String pool;
    private final EventLoop loop;
    private final ContextKeeper keeper;
    private final SupervisedProcesses processes;
    private final Supplier<InetSocketAddress> listening;
    /** The context kept for the processes; null if the group is closed, or they serve another one. */
    private SupervisedContext kept;
    /** Whether its processes have served the kept context. */
    private boolean served;

    private String problem = "";
    private long retryAt;

    /**
     * @param pool for people
     * @param name of the context to be kept
     * @param listening the address for processes to connect to; null while there is none
     */
    public SupervisedGroup(
            String pool,
            String name,
            EventLoop loop,
            ContextKeeper keeper,
            SupervisedProcesses processes,
            Supplier<InetSocketAddress> listening) {
        this.pool = pool;
        this.loop = loop;
        this.keeper = keeper;
        this.processes = processes;
        this.listening = listening;
        onLoop(() -> kept = keeper.keep(name, this));
    }

    // ---- for the pool

    @Override
    public PeerProcess start(ProcessBuilder program, long maxRequests, Runnable changed) throws IOException {
        InetSocketAddress address = listening.get();
        if (address == null) {
            throw new IOException("the LRWP agent does not listen for peers of pools");
        }
        return processes.start(program, address, keeper.settings(), this, maxRequests, changed);
    }

    @Override
    public void unavailable(String why, Duration retry) {
        long at = System.nanoTime() + retry.toNanos();
        onLoop(() -> {
            problem = why;
            retryAt = at;
            keeper.unavailable();
        });
    }

    @Override
    public void available() {
        onLoop(() -> {
            problem = "";
            keeper.available();
        });
    }

    @Override
    public void close() {
        onLoop(() -> {
            problem = "";
            keepNoMore();
        });
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the agent has gone before pool {}", pool, e);
        }
    }

    // ---- for contexts and processes

    /** One of its processes serves a context. */
    void joined(SupervisedContext context) {
        if (context == kept) {
            served = true;
        } else if (!served) {
            // The program has another name built in: the name that the pool tells it will never be served.
            keepNoMore();
        }
    }

    private void keepNoMore() {
        if (kept != null) {
            SupervisedContext former = kept;
            kept = null;
            former.keepNoMore(this);
        }
    }

    /** Whether its pool cannot tell when a process will serve. */
    public boolean isUnavailable() {
        return !problem.isEmpty();
    }

    /** Seconds to its pool's next attempt, 1 at least. */
    public int retrySeconds() {
        return (int) Math.max(
                1, TimeUnit.NANOSECONDS.toSeconds(retryAt - System.nanoTime() + TimeUnit.SECONDS.toNanos(1) - 1));
    }

    /** The time of its pool's next attempt, by {@link System#nanoTime}. */
    public long retryAt() {
        return retryAt;
    }

    /** The problem of its pool, for people; empty for none. */
    public String problem() {
        return problem.isEmpty() ? "" : "pool " + pool + " is " + problem;
    }
}
