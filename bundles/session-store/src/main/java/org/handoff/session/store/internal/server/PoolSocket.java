package org.handoff.session.store.internal.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.handoff.http.limits.Complaint;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.SocketAddresses;
import org.handoff.session.store.internal.config.SessionsSettings;
import org.handoff.session.store.internal.memory.PoolMemory;
import org.handoff.session.store.internal.memory.SessionMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket of one pool and the connections of its workers. On the store's thread. */
final class PoolSocket implements StoreServer.Ready {

    private static final Logger LOG = LoggerFactory.getLogger(PoolSocket.class);

    private static final int MOST_CONNECTIONS = 500;
    /** How many of the longest frames may be on their way at the same time. */
    private static final int FRAMES_ON_THE_WAY = 4;

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Bytes that are read at once, on one thread and so into one buffer. */
    private static final int READ = 64 << 10;

    private final Set<WorkerConnection> connections = new HashSet<>();
    private final Complaint refused = new Complaint();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
    private final Selector selector;
    private final SessionMemory memory;
    private final PoolMemory pool;
    private final Path path;
    private SessionsSettings settings;
    private ServerSocketChannel channel;
    private SelectionKey key;
    private String problem = "";
    private long tried;
    private long onTheWay;
    private boolean leaving;
    private String reason = "";

    PoolSocket(Selector selector, SessionMemory memory, PoolMemory pool, Path path, SessionsSettings settings) {
        this.selector = selector;
        this.memory = memory;
        this.pool = pool;
        this.path = path;
        this.settings = settings;
    }

    Path path() {
        return path;
    }

    int connections() {
        return connections.size();
    }

    /** The memory of incomplete requests and answers, in bytes. */
    long onTheWay() {
        return onTheWay;
    }

    /** Why workers cannot connect; empty for no reason. */
    String problem() {
        return problem;
    }

    void settings(SessionsSettings changed) {
        settings = changed;
    }

    SessionsSettings settings() {
        return settings;
    }

    SessionMemory memory() {
        return memory;
    }

    PoolMemory pool() {
        return pool;
    }

    /** The buffer for what is read of any connection; its content goes with the next read. */
    ByteBuffer buffer() {
        return buffer.clear();
    }

    /** Binds the socket. The folder's rights say who may connect. */
    void tryOpen() {
        tried = System.nanoTime();
        try {
            Files.deleteIfExists(path);
            channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.configureBlocking(false);
            channel.bind(SocketAddresses.of(path), MOST_CONNECTIONS);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
            key = channel.register(selector, SelectionKey.OP_ACCEPT, this);
            problem = "";
        } catch (IOException | IllegalArgumentException e) {
            closeChannel();
            String now = "cannot open " + path + ": " + e.getMessage();
            if (!problem.equals(now)) {
                problem = now;
                LOG.error("Workers of pool {} have no sessions: {}", pool.name(), problem);
            }
        }
    }

    @Override
    public Object owner() {
        return this;
    }

    @Override
    public void ready() throws IOException {
        SocketChannel worker = channel.accept();
        if (worker == null) {
            return;
        }
        if (connections.size() >= MOST_CONNECTIONS) {
            worker.close();
            complain("it has " + MOST_CONNECTIONS + " connections");
            return;
        }
        connections.add(new WorkerConnection(this, worker, selector));
    }

    /** Accepting has failed, for want of descriptors or memory: the next look tries again. */
    @Override
    public void failed(Throwable failure) {
        complain(failure.toString());
        tried = System.nanoTime();
        if (key.isValid()) {
            key.interestOps(0);
        }
    }

    void gone(WorkerConnection connection) {
        connections.remove(connection);
    }

    /** A worker's connection was ended, or did not come to be. */
    void complain(String why) {
        refused.happens();
        reason = why;
    }

    /**
     * Counts bytes on their way; negative for those that have arrived. If there are too many, those connections end that
     * have been holding some for the longest time: the hanging or hostile ones.
     */
    void count(long bytes) {
        onTheWay += bytes;
        while (onTheWay > (long) FRAMES_ON_THE_WAY * Frames.most(settings.sessionBytes())) {
            complain("its workers have too many unfinished requests and answers");
            connections.stream()
                    .filter(connection -> connection.counted() > 0)
                    .min(Comparator.comparingLong(WorkerConnection::since))
                    .orElseThrow()
                    .close();
        }
    }

    /** Looks for what takes too long, and for what can be done again. */
    void look(long now) {
        if (!leaving && now - tried > RETRY_NANOS) {
            if (channel == null) {
                tryOpen();
            } else {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        }
        for (WorkerConnection connection : List.copyOf(connections)) {
            connection.look(now);
            connection.endIfToldOther(settings.sessionBytes());
        }
        long untold = refused.take(now);
        if (untold > 0) {
            LOG.warn(
                    "{} connections of workers of pool {} to their sessions were ended: {}",
                    untold,
                    pool.name(),
                    reason);
        }
    }

    /** Lets nobody in any more; workers that finish their requests go on with their connections. */
    void leave() {
        leaving = true;
        closeChannel();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("Cannot delete {}", path, e);
        }
    }

    void close() {
        new ArrayList<>(connections).forEach(WorkerConnection::close);
        leave();
    }

    private void closeChannel() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.warn("Cannot close {}", path, e);
        }
        channel = null;
    }
}
