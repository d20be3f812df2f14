package org.handoff.session.store.internal.server;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.handoff.session.store.internal.config.SessionsSettings;
import org.handoff.session.store.internal.memory.PoolMemory;
import org.handoff.session.store.internal.memory.SessionMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store: one thread with the sessions and the sockets of all pools. Its methods may be called on any thread. */
public final class StoreServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreServer.class);

    private static final long TURN_MILLIS = 1000;
    /** How often what takes time is looked for; every turn would cost as much as a request. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

    private static final long STOP_MILLIS = 5000;
    /** The requests of a pool in a turn: each may take a millisecond, for which all others wait. */
    private static final int OF_A_POOL = 16;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Map<String, PoolSocket> sockets = new TreeMap<>();
    /** Of pools that are gone, as long as their last workers are connected. */
    private final List<PoolSocket> left = new ArrayList<>();

    private final Selector selector;
    private final SessionMemory memory;
    private final Thread thread;
    private long looked = System.nanoTime();
    private SessionsSettings settings;
    private volatile boolean closed;

    /** What a ready key is attached to. */
    interface Ready {

        /** The pool that it belongs to. */
        Object owner();

        /** The channel is ready. */
        void ready() throws IOException;

        /** Ends it after a failure. */
        void failed(Throwable failure);
    }

    /**
     * A pool for {@code session:list}.
     *
     * @param onTheWay bytes of incomplete requests and answers
     * @param dropped the number of sessions that had to go for others
     * @param problem why its workers cannot connect; empty for no reason
     */
    public record PoolStatus(
            String pool, int sessions, long bytes, int connections, long onTheWay, long dropped, String problem) {}

    /** Starts the thread; there are no sockets yet. @throws IOException if the system refuses a selector */
    public StoreServer(SessionsSettings settings) throws IOException {
        this.settings = settings;
        long begin = System.nanoTime();
        memory = new SessionMemory(settings, System::currentTimeMillis, () -> System.nanoTime() - begin);
        selector = Selector.open();
        thread = new Thread(this::run, "handoff-sessions");
        thread.setDaemon(true);
        thread.start();
    }

    /** Opens the socket of a pool; if that is not possible, goes on trying. */
    public void open(String pool, Path path) {
        run(() -> {
            PoolSocket socket = new PoolSocket(selector, memory, memory.pool(pool), path, settings);
            PoolSocket former = sockets.put(pool, socket);
            if (former != null) {
                leave(former);
            }
            socket.tryOpen();
        });
    }

    /**
     * Closes the socket of a pool. The connections of its workers stay, so that they can finish their requests; its
     * sessions stay until they end.
     */
    public void close(String pool, Path path) {
        run(() -> {
            PoolSocket socket = sockets.get(pool);
            if (socket != null && socket.path().equals(path)) {
                sockets.remove(pool);
                leave(socket);
            }
        });
    }

    private void leave(PoolSocket socket) {
        socket.leave();
        left.add(socket);
    }

    /**
     * Takes changed settings at once. Workers hear of a changed bound of a session when they connect again, for which
     * their connections end within a second.
     */
    public void settings(SessionsSettings changed) {
        run(() -> {
            settings = changed;
            memory.settings(changed);
            sockets.values().forEach(socket -> socket.settings(changed));
        });
    }

    /** The pools that are there or have sessions, in the order of their names. */
    public List<PoolStatus> pools() {
        return call(() -> {
            List<PoolStatus> pools = new ArrayList<>();
            for (PoolMemory pool : memory.pools()) {
                PoolSocket socket = sockets.get(pool.name());
                if (socket == null && pool.sessions() == 0) {
                    continue;
                }
                pools.add(new PoolStatus(
                        pool.name(),
                        pool.sessions(),
                        pool.bytes(),
                        socket == null ? 0 : socket.connections(),
                        socket == null ? 0 : socket.onTheWay(),
                        pool.dropped(),
                        socket == null ? "the pool is gone, or keeps its sessions elsewhere" : socket.problem()));
            }
            return pools;
        });
    }

    /** Some sessions of a pool, for people; empty if there is no such pool. */
    public List<SessionMemory.Shown> sessions(String pool, int most) {
        return call(() -> memory.pools().stream()
                .filter(one -> one.name().equals(pool))
                .findFirst()
                .map(one -> memory.show(one, most))
                .orElse(List.of()));
    }

    /** Ends the thread; the sessions are lost. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs a task, unless the thread has ended. */
    private void run(Runnable task) {
        if (!closed) {
            call(Executors.callable(task));
        }
    }

    private <T> T call(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        tasks.add(future);
        selector.wakeup();
        try {
            return future.get(STOP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the store of sessions fails", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the store of sessions does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the store of sessions", e);
        }
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } finally {
            closed = true;
            end();
        }
    }

    private void turn() {
        try {
            selector.select(TURN_MILLIS);
            List<SelectionKey> ready = new ArrayList<>(selector.selectedKeys());
            selector.selectedKeys().clear();
            FairTurn.of(ready, key -> ((Ready) key.attachment()).owner(), OF_A_POOL)
                    .forEach(StoreServer::ready);
            runTasks();
            long now = System.nanoTime();
            if (now - looked > LOOK_NANOS) {
                looked = now;
                memory.endDue();
                sockets.values().forEach(socket -> socket.look(now));
                left.forEach(socket -> socket.look(now));
                left.removeIf(socket -> socket.connections() == 0);
                complain(now);
            }
        } catch (IOException | RuntimeException | Error e) {
            // A turn that fails must not end the sessions of all pools.
            LOG.error("The store of sessions goes on after a failure", e);
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static void ready(SelectionKey key) {
        Ready ready = (Ready) key.attachment();
        try {
            if (key.isValid()) {
                ready.ready();
            }
        } catch (IOException | RuntimeException | Error e) {
            ready.failed(e);
        }
    }

    private void complain(long now) {
        long untold = memory.dropped().take(now);
        if (untold > 0) {
            LOG.warn(
                    "{} sessions that were idle the longest had to go for others; session:list shows of which pools, and "
                            + "memory and pool.sessions of {} bound them",
                    untold,
                    SessionsSettings.FILE);
        }
    }

    private void end() {
        // Somebody may wait for them.
        runTasks();
        sockets.values().forEach(PoolSocket::close);
        left.forEach(PoolSocket::close);
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the selector of sessions", e);
        }
    }
}
