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
 * A pool's processes, and the context that is kept for them. On the agent's loop, but for what the pool calls.
 */
public final class SupervisedGroup implements PeerGroup {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedGroup.class);

    private final String pool;
    private final EventLoop loop;
    private final ContextKeeper keeper;
    private final SupervisedProcesses processes;
    private final Supplier<InetSocketAddress> listening;
    /** What is kept for it; null where it is closed, or its processes serve something else. */
    private SupervisedContext kept;
    /** Whether its processes have ever served what is kept for them. */
    private boolean served;

    private String problem = "";
    private long retryAt;

    /**
     * @param pool for people
     * @param name what is kept for it
     * @param listening where processes are to connect; null where that is impossible now
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

    /** One of its processes serves something. */
    void joined(SupervisedContext context) {
        if (context == kept) {
            served = true;
        } else if (!served) {
            // The program has another name built in: nobody is going to serve the one that it is told.
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

    /** Whether its pool does not know when a process is going to serve. */
    public boolean isUnavailable() {
        return !problem.isEmpty();
    }

    /** Seconds until its pool tries again, 1 at least. */
    public int retrySeconds() {
        return (int) Math.max(
                1, TimeUnit.NANOSECONDS.toSeconds(retryAt - System.nanoTime() + TimeUnit.SECONDS.toNanos(1) - 1));
    }

    /** When its pool tries again, by {@link System#nanoTime}. */
    public long retryAt() {
        return retryAt;
    }

    /** What is wrong with its pool, for people; empty for nothing. */
    public String problem() {
        return problem.isEmpty() ? "" : "pool " + pool + " is " + problem;
    }
}
