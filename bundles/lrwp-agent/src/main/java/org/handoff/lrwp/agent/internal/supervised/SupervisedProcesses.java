package org.handoff.lrwp.agent.internal.supervised;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes that the agent has started for pools: recognises their peers, and ends them with the agent. */
public final class SupervisedProcesses {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedProcesses.class);

    /** How long processes may take to end with the agent. */
    private static final long END_SECONDS = 2;

    private final EventLoop loop;
    private final List<SupervisedProcess> processes = new CopyOnWriteArrayList<>();
    /** One thread. Tasks after its end are dropped. */
    private final ExecutorService blocking = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
                Thread thread = new Thread(task, "handoff-lrwp-processes");
                thread.setDaemon(true);
                return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());

    private boolean closed;

    /** @param loop the agent's */
    public SupervisedProcesses(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Starts a process; blocks meanwhile. No peer is identified in that time, so a peer that connects at once is
     * recognised.
     *
     * @param agent the address to connect to
     * @throws IOException if it cannot be started
     */
    synchronized SupervisedProcess start(
            ProcessBuilder program,
            InetSocketAddress agent,
            LrwpSettings settings,
            SupervisedGroup group,
            long maxRequests,
            Runnable changed)
            throws IOException {
        if (closed) {
            throw new IOException("the LRWP agent is closed");
        }
        Map<String, String> environment = program.environment();
        environment.put("HANDOFF_LRWP_HOST", agent.getAddress().getHostAddress());
        environment.put("HANDOFF_LRWP_PORT", Integer.toString(agent.getPort()));
        environment.put("HANDOFF_LRWP_TIMEOUT", Long.toString(TimeUnit.NANOSECONDS.toSeconds(settings.peerNanos())));
        SupervisedProcess started = new SupervisedProcess(program.start(), group, loop, blocking, maxRequests, changed);
        processes.add(started);
        started.process().onExit().thenRun(() -> exited(started));
        return started;
    }

    private void exited(SupervisedProcess process) {
        processes.remove(process);
        try {
            loop.execute(process::exited);
        } catch (RejectedExecutionException e) {
            LOG.debug("the agent has gone before process {}", process.process().pid(), e);
        }
    }

    /**
     * Finds the process that made a connection.
     *
     * @param peer its end of the connection
     * @param agent our end
     * @return completed with the process, or with null if none of them did
     */
    public CompletableFuture<SupervisedProcess> find(InetSocketAddress peer, InetSocketAddress agent) {
        return CompletableFuture.supplyAsync(
                () -> {
                    List<SupervisedProcess> all;
                    synchronized (this) {
                        // Waits for the process that is being started.
                        all = new ArrayList<>(processes);
                    }
                    if (all.isEmpty()) {
                        return null;
                    }
                    String socket = SocketOwner.socket(peer, agent);
                    return socket == null
                            ? null
                            : all.stream()
                                    .filter(one -> SocketOwner.has(one.process().toHandle(), socket))
                                    .findFirst()
                                    .orElse(null);
                },
                blocking);
    }

    /** Counts the waiting requests, a few times a second. On the loop. */
    public void sweep() {
        processes.forEach(SupervisedProcess::sweep);
    }

    /** Ends all processes and waits for that: by SIGTERM, and by force after a short time. */
    public void close() {
        synchronized (this) {
            closed = true;
        }
        List<Process> all = processes.stream().map(SupervisedProcess::process).toList();
        List<ProcessHandle> family = all.stream().flatMap(Process::descendants).toList();
        all.forEach(Process::destroy);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        try {
            for (Process process : all) {
                if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.warn("The process {} does not end on SIGTERM, and is killed", process.pid());
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            all.forEach(Process::destroyForcibly);
        }
        family.forEach(ProcessHandle::destroyForcibly);
        blocking.shutdown();
    }
}
