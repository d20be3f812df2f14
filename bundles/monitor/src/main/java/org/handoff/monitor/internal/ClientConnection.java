package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: its holder ({@link ConnectionState}), the actions allowed to its target, and its time limits.
 * On the event loop only.
 */
final class ClientConnection implements Connection, ClientSocket.Owner, NextRequest.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    /** How long a client may take for the answer that ends its connection. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long id;
    private final ClientSocket socket;
    private final Connections all;
    private ConnectionState state = ConnectionState.WAITING;
    private long deadline;
    private final ReceivedBytes received;
    private final NextRequest request;
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
        this.request = new NextRequest(id, socket, all, received, this);
    }

    ClientSocket socket() {
        return socket;
    }

    /** Begins with an accepted connection. */
    void begin() {
        deadline = all.headDeadline();
        if (!request.isOfferedUnread()) {
            socket.awaitBytes();
        }
    }

    /** Refuses an accepted connection, as there is no room for it. */
    void refuse() {
        answer(503, 1);
    }

    /** Whether it has a part of a request, and the client may never send the rest. */
    boolean isUnfinished() {
        return state == ConnectionState.WAITING && !received.isEmpty();
    }

    /** Whether it has no request, or has got its last answer. */
    boolean isIdle() {
        return isParked() || state == ConnectionState.LINGERING;
    }

    boolean isCompleting() {
        return state == ConnectionState.COMPLETING;
    }

    /** The end of its time, by {@link System#nanoTime}: the earlier, the longer it has been in its state. */
    long deadline() {
        return deadline;
    }

    /** Moves the received bytes to a file, if they are only kept for the case that the connection's holder dies. */
    void relieve(ReliefFile file) throws IOException {
        if (state == ConnectionState.OFFERED || state == ConnectionState.HELD) {
            received.relieve(file);
        }
    }

    boolean isParked() {
        return state == ConnectionState.WAITING && received.isEmpty();
    }

    boolean isHeld() {
        return state == ConnectionState.HELD;
    }

    @Override
    public void ready() throws IOException {
        switch (state) {
            case WAITING -> request.read();
            case LINGERING -> discard();
            case COMPLETING -> writeTail();
            // Only a hang-up is awaited: another process called shutdown, or the client is gone.
            case OFFERED, HELD -> end();
            case CLOSED -> {}
        }
    }

    @Override
    public boolean isWaiting() {
        return state == ConnectionState.WAITING;
    }

    @Override
    public void begun() {
        deadline = all.headDeadline();
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

    /** Ends the connection, with an answer if there is a part of a request. */
    void timeIsUp() {
        if (isUnfinished()) {
            answer(408);
        } else {
            cut();
        }
    }

    @Override
    public void offer(Target to) {
        state = ConnectionState.OFFERED;
        deadline = 0;
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
            request.replace(unused);
            goOn();
        }
    }

    @Override
    public void reroute(UnusedBytes unused) {
        if (isTakenBack(unused)) {
            takeOver();
            request.replaceForeign(unused, target);
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
        request.replace(unused);
        completion = new Completion(tail, keep, patience, all.memory);
        state = ConnectionState.COMPLETING;
        deadline = 0;
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
            linger();
        }
    }

    /** Whether the connection can be given back with these bytes; otherwise they are closed. */
    private boolean isTakenBack(UnusedBytes unused) {
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

    private void takeOver() {
        all.makeRoom();
        holder = null;
    }

    /** Goes on with the next request, or waits for it. */
    private void goOn() {
        state = ConnectionState.WAITING;
        deadline = received.isEmpty() ? all.idleDeadline() : all.headDeadline();
        request.route();
    }

    @Override
    public void answer(int status) {
        answer(status, 1);
    }

    @Override
    public void unavailable(int retryAfterSeconds) {
        answer(503, retryAfterSeconds);
    }

    private void answer(int status, int retryAfter) {
        if (state == ConnectionState.CLOSED || state == ConnectionState.LINGERING) {
            return;
        }
        if (state == ConnectionState.OFFERED && received.isEmpty()) {
            // There is no request yet: an unexpected answer would surprise the client, and its request may be for
            // another target.
            request.readFirst();
            state = ConnectionState.WAITING;
            deadline = all.headDeadline();
            socket.awaitBytes();
            return;
        }
        all.countAnswered();
        holder = null;
        boolean isKnown = state != ConnectionState.HELD;
        boolean goesOn = isKnown && request.canGoOn();
        int length = request.writeAnswer(all.buffer, status, retryAfter, isKnown, goesOn);
        try {
            if (socket.send(all.buffer, length) < length) {
                // The socket is full: the client does not read the former response, and will not read this one.
                end();
            } else if (goesOn) {
                request.skip();
                goOn();
            } else {
                linger();
            }
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("connection {} is gone before its answer", id, e);
            end();
        }
    }

    /**
     * Closing while unread bytes are in the socket makes the kernel send a reset, which can destroy the answer on its
     * way. So the monitor says that it sends no more, and reads until the client closes.
     */
    private void linger() throws IOException {
        state = ConnectionState.LINGERING;
        received.clear();
        deadline = System.nanoTime() + LINGER_NANOS;
        socket.endOutput();
        socket.awaitBytes();
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
    @Override
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
    }

    @Override
    public String toString() {
        return "connection " + id + " (" + state.name().toLowerCase() + ")";
    }
}
