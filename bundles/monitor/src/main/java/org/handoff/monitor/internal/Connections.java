package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All open connections, in whatever state, and their shared parts: the loop, the routes, the limits of time and memory,
 * a read buffer, and the clock that ends connections that take too long. On the event loop only.
 */
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /** The largest number of bytes read in one turn, and of a request's head that the monitor reads. */
    static final int BUFFER = 64 * 1024;

    final IoEventLoop loop;
    final Routes routes;
    final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

    /** The heap that a connection uses by itself, with its place in the loop and in the tables: measured. */
    static final int CONNECTION_BYTES = 1024;

    final Memory memory = new Memory();

    /** The pieces of dead workers' responses that are written in one turn of the loop. */
    private static final int PIECES_A_TURN = 16;

    private final Set<ClientConnection> open = new HashSet<>();
    private final Future<?> sweep;
    private final ReliefFile reliefFile = new ReliefFile();
    private final Relief relief = new Relief(memory, reliefFile);
    private long headNanos;
    private long idleNanos;
    private long lastId;
    private long handedOff;
    private long answered;
    private int pieces;

    final TcpPorts ports = new TcpPorts(this);

    Connections(IoEventLoop loop, Routes routes) {
        this.loop = loop;
        this.routes = routes;
        this.sweep = loop.scheduleAtFixedRate(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Numbers of connections.
     *
     * @param memory the bytes that they use together, of {@code memoryBound} allowed ones
     * @param ended those that were ended or refused for lack of memory
     * @param ports those of targets with listeners of their own
     */
    record Counts(
            int open,
            int parked,
            int held,
            long accepted,
            long handedOff,
            long answered,
            long memory,
            long memoryBound,
            long ended,
            List<TcpPort.Status> ports) {}

    /**
     * Sets the limits: those of time count from each connection's next step on.
     *
     * @param memoryBytes the memory for all connections together in this process
     */
    void limits(int headSeconds, int idleSeconds, long memoryBytes) {
        memory.bound(memoryBytes);
        headNanos = TimeUnit.SECONDS.toNanos(headSeconds);
        idleNanos = TimeUnit.SECONDS.toNanos(idleSeconds);
    }

    long headDeadline() {
        return System.nanoTime() + headNanos;
    }

    long idleDeadline() {
        return System.nanoTime() + idleNanos;
    }

    /** Frees memory, if the connections use more than allowed. */
    void makeRoom() {
        relief.make(open);
    }

    /** Takes over an accepted descriptor, for HTTP. */
    void accepted(int descriptor) {
        takeOver(() -> new HttpClientConnection(++lastId, descriptor, this));
    }

    /** Takes over an accepted descriptor, for the target of a port. */
    void accepted(int descriptor, TcpPort port) {
        takeOver(() -> new TcpClientConnection(++lastId, descriptor, this, port));
    }

    private void takeOver(Supplier<ClientConnection> accepted) {
        // Before the connection is one of those that can make room.
        memory.add(CONNECTION_BYTES);
        makeRoom();
        ClientConnection connection = accepted.get();
        open.add(connection);
        try {
            var registered = loop.register(connection.socket());
            if (!registered.isSuccess()) {
                throw new IOException("the event loop does not take it", registered.cause());
            }
            connection.socket().registered(registered.getNow());
            if (memory.isExceeded()) {
                // Other processes hold so many connections that no other one here can make room.
                relief.countEnded();
                connection.refuse();
            } else {
                connection.begin();
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("Connection {} is lost", lastId, e);
            connection.cut();
        }
    }

    void closed(ClientConnection connection) {
        if (open.remove(connection)) {
            memory.add(-CONNECTION_BYTES);
        }
    }

    /**
     * Whether another piece of a dead worker's response may be written in this turn of the loop: a worker can leave
     * thousands of them, while others wait too.
     */
    boolean takePiece() {
        if (pieces == 0) {
            loop.execute(() -> pieces = 0);
        }
        pieces++;
        return pieces <= PIECES_A_TURN;
    }

    void countHandedOff() {
        handedOff++;
    }

    void countAnswered() {
        answered++;
    }

    Counts counts() {
        int parked = 0;
        int held = 0;
        for (ClientConnection connection : open) {
            parked += connection.isParked() ? 1 : 0;
            held += connection.isHeld() ? 1 : 0;
        }
        return new Counts(
                open.size(),
                parked,
                held,
                lastId,
                handedOff,
                answered,
                memory.used(),
                memory.bound(),
                relief.ended(),
                ports.status());
    }

    /** Ends the connections that the monitor has; workers go on with theirs. */
    void close() {
        sweep.cancel(false);
        List.copyOf(open).forEach(ClientConnection::leave);
        try {
            reliefFile.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the file with the first bytes of requests", e);
        }
    }

    private void sweep() {
        routes.sweep();
        long now = System.nanoTime();
        for (ClientConnection connection : List.copyOf(open)) {
            try {
                connection.checkDeadline(now);
            } catch (RuntimeException e) {
                // Thrown on, it would stop the limits of all other connections.
                LOG.error("{} is cut, as its time limits cannot be checked", connection, e);
                connection.cut();
            }
        }
        relief.complain(now);
        ports.sweep(now);
    }
}
