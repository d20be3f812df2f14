package org.handoff.lrwp.agent.internal;

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
final class SupervisedGroup implements PeerGroup {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedGroup.class);

    private final String pool;
    private final EventLoop loop;
    private final Agent agent;
    private final Supplier<InetSocketAddress> listening;
    /** What is kept for it; null where it is closed, or its processes serve something else. */
    private Application kept;
    /** Whether its processes have ever served what is kept for them. */
    private boolean served;

    private String problem = "";
    private long retryAt;

    /**
     * @param pool for people
     * @param name what is kept for it
     * @param listening where processes are to connect; null where that is impossible now
     */
    SupervisedGroup(String pool, String name, EventLoop loop, Agent agent, Supplier<InetSocketAddress> listening) {
        this.pool = pool;
        this.loop = loop;
        this.agent = agent;
        this.listening = listening;
        onLoop(() -> kept = agent.keep(name, this));
    }

    // ---- for the pool

    @Override
    public PeerProcess start(ProcessBuilder program, long maxRequests, Runnable changed) throws IOException {
        InetSocketAddress address = listening.get();
        if (address == null) {
            throw new IOException("the LRWP agent does not listen for peers of pools");
        }
        return agent.processes().start(program, address, agent.settings(), this, maxRequests, changed);
    }

    @Override
    public void unavailable(String why, Duration retry) {
        long at = System.nanoTime() + retry.toNanos();
        onLoop(() -> {
            problem = why;
            retryAt = at;
            agent.applications().forEach(Application::refuseWaiting);
            agent.changed();
        });
    }

    @Override
    public void available() {
        onLoop(() -> {
            problem = "";
            agent.changed();
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

    // ---- for applications and processes

    /** One of its processes serves an application. */
    void joined(Application application) {
        if (application == kept) {
            served = true;
        } else if (!served) {
            // The program has another name built in: nobody is going to serve the one that it is told.
            keepNoMore();
        }
    }

    private void keepNoMore() {
        if (kept != null) {
            Application former = kept;
            kept = null;
            former.keepNoMore(this);
        }
    }

    /** Whether its pool does not know when a process is going to serve. */
    boolean isUnavailable() {
        return !problem.isEmpty();
    }

    /** Seconds until its pool tries again, 1 at least. */
    int retrySeconds() {
        return (int) Math.max(
                1, TimeUnit.NANOSECONDS.toSeconds(retryAt - System.nanoTime() + TimeUnit.SECONDS.toNanos(1) - 1));
    }

    /** When its pool tries again, by {@link System#nanoTime}. */
    long retryAt() {
        return retryAt;
    }

    /** What is wrong with its pool, for people; empty for nothing. */
    String problem() {
        return problem.isEmpty() ? "" : "pool " + pool + " is " + problem;
    }
}
