package org.handoff.monitor.internal;

import java.io.IOException;
import java.time.Duration;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: its holder ({@link ConnectionState}), the actions allowed to its target, and its time limits.
 * Its protocol decides when it is offered to which target. On the event loop only.
 */
abstract class ClientConnection implements Connection, ClientSocket.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    final ClientSocket socket;
    final Connections all;
    final ReceivedBytes received;
    private final long id;
    private ConnectionState state = ConnectionState.WAITING;
    private long deadline;
    private Target target;
    private Holder holder;
    private Completion completion;
    /** The memory that its target uses for it, in bytes. */
    private int kept;

    ClientConnection(long id, int descriptor, Connections all) {
        this.id = id;
        this.socket = new ClientSocket(id, descriptor, all.loop, this);
        this.all = all;
        this.received = new ReceivedBytes(all.memory);
    }

    // ---- what the protocol says

    /** Begins with an accepted connection. */
    abstract void begin();

    /** Refuses an accepted connection, as there is no room for it. */
    abstract void refuse();

    /** There are bytes to read, or the client's end, while the connection waits. */
    abstract void readable() throws IOException;

    /** Goes on with these bytes: {@link #goOn} follows. @param unused closed here in the end */
    abstract void replace(UnusedBytes unused);

    /** Goes on with the next request, or waits for it. */
    abstract void goOn();

    /** The connection's last response has been written. */
    abstract void finish() throws IOException;

    /** Whether it has a part of a request, and the client may never send the rest. */
    abstract boolean isUnfinished();

    /** Ends the connection, whose time is up. */
    abstract void timeIsUp();

    /** The connection has ended. */
    abstract void released();

    // ---- its state

    ClientSocket socket() {
        return socket;
    }

    /** Whether it has no request, or has got its last answer. */
    boolean isIdle() {
        return isParked() || state == ConnectionState.LINGERING;
    }

    boolean isCompleting() {
        return state == ConnectionState.COMPLETING;
    }

    boolean isParked() {
        return state == ConnectionState.WAITING && received.isEmpty();
    }

    boolean isHeld() {
        return state == ConnectionState.HELD;
    }

    public boolean isWaiting() {
        return state == ConnectionState.WAITING;
    }

    ConnectionState state() {
        return state;
    }

    /** @param nanoTime the end of the time for that state; 0 for none */
    void become(ConnectionState next, long nanoTime) {
        state = next;
        deadline = nanoTime;
    }

    /** The end of its time, by {@link System#nanoTime}: the earlier, the longer it has been in its state. */
    long deadline() {
        return deadline;
    }

    /** The target that was offered it last; null for none. */
    Target target() {
        return target;
    }

    /** Moves the received bytes to a file, if they are only kept for the case that the connection's holder dies. */
    void relieve(ReliefFile file) throws IOException {
        if (state == ConnectionState.OFFERED || state == ConnectionState.HELD) {
            received.relieve(file);
        }
    }

    @Override
    public void ready() throws IOException {
        switch (state) {
            case WAITING -> readable();
            case LINGERING -> discard();
            case COMPLETING -> writeTail();
            // Only a hang-up is awaited: another process called shutdown, or the client is gone.
            case OFFERED, HELD -> end();
            case CLOSED -> {}
        }
    }

    private void discard() throws IOException {
        if (socket.receive(all.buffer) < 0) {
            end();
        }
    }

    void checkDeadline(long now) {
        if (state == ConnectionState.COMPLETING && completion.late(now)) {
            LOG.debug("connection {} is cut: its client takes the tail of a response too slowly", id);
            cut();
            return;
        }
        if (deadline != 0 && now - deadline >= 0) {
            timeIsUp();
        }
    }

    public void offer(Target to) {
        become(ConnectionState.OFFERED, 0);
        target = to;
        socket.awaitHangUp();
        try {
            to.take(this);
        } catch (RuntimeException e) {
            LOG.error("The target {} fails to take connection {}", to, id, e);
            if (state == ConnectionState.OFFERED) {
                answer(503);
            }
        }
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isOpen() {
        return state != ConnectionState.CLOSED;
    }

    @Override
    public int descriptor() {
        return socket.number();
    }

    @Override
    public UnusedBytes unused() {
        return received.view();
    }

    @Override
    public void handedOff(Holder by) {
        if (state == ConnectionState.OFFERED) {
            state = ConnectionState.HELD;
            holder = by;
            all.countHandedOff();
        }
    }

    @Override
    public void notTaken() {
        if (state == ConnectionState.HELD) {
            state = ConnectionState.OFFERED;
            holder = null;
        }
    }

    @Override
    public void giveBack(UnusedBytes unused) {
        if (isTakenBack(unused)) {
            takeOver();
            replace(unused);
            goOn();
        }
    }

    @Override
    public void keeps(int bytes) {
        int more = bytes - kept;
        kept = bytes;
        all.memory.add(more);
        if (more > 0) {
            all.makeRoom();
        }
    }

    @Override
    public Progress progress() throws IOException {
        return socket.progress();
    }

    @Override
    public void complete(ResponseTail tail, boolean keep, Duration patience, UnusedBytes unused) {
        if (state != ConnectionState.HELD) {
            new Completion(tail, keep, patience, all.memory).close();
            unused.close();
            return;
        }
        takeOver();
        replace(unused);
        completion = new Completion(tail, keep, patience, all.memory);
        become(ConnectionState.COMPLETING, 0);
        // The first piece too waits for its turn.
        socket.awaitRoom();
    }

    private void writeTail() throws IOException {
        if (!all.takePiece() || !completion.write(socket, all.buffer)) {
            // The loop reports it again, when the client takes more.
            return;
        }
        Completion done = completion;
        completion = null;
        done.close();
        if (done.keeps()) {
            goOn();
        } else {
            finish();
        }
    }

    /** Whether the connection can be given back with these bytes; otherwise they are closed. */
    boolean isTakenBack(UnusedBytes unused) {
        boolean gone = state != ConnectionState.OFFERED && state != ConnectionState.HELD;
        if (!gone && unused.rest().remaining() <= MOST_UNUSED) {
            return true;
        }
        unused.close();
        if (!gone) {
            LOG.warn(
                    "Connection {} ends: it was given back with {} bytes, more than can be passed on",
                    id,
                    unused.rest().remaining());
            holder = null;
            end();
        }
        return false;
    }

    void takeOver() {
        all.makeRoom();
        holder = null;
    }

    /** Its holder, if it has one, is not told of its end. */
    void forgetHolder() {
        holder = null;
    }

    @Override
    public void cut() {
        holder = null;
        if ((state == ConnectionState.HELD || state == ConnectionState.COMPLETING) && socket.reset()) {
            release();
        } else {
            end();
        }
    }

    /** The monitor stops: a process that holds the connection goes on with it, else it ends. */
    @Override
    public void leave() {
        if (state == ConnectionState.HELD) {
            release();
        } else {
            cut();
        }
    }

    /** Ends the connection for every process that has it. */
    public void end() {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        socket.shutdown();
        Holder told = holder;
        release();
        if (told != null) {
            told.closed(this);
        }
    }

    private void release() {
        state = ConnectionState.CLOSED;
        holder = null;
        received.clear();
        if (completion != null) {
            completion.close();
            completion = null;
        }
        all.closed(this);
        socket.release();
        released();
    }

    @Override
    public String toString() {
        return "connection " + id + " (" + state.name().toLowerCase() + ")";
    }
}
