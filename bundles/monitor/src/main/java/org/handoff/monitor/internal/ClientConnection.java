package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import org.handoff.http.loop.SystemErrors;
import org.handoff.http.message.ErrorPage;
import org.handoff.http.message.HeadReader;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.TcpCounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection, from accept to close:
 *
 * <pre>
 * WAITING ── first bytes ──▶ (head complete, routed) ──▶ OFFERED ── handedOff ──▶ HELD ──▶ CLOSED
 *    ▲                                                       │ ◀──── notTaken ──── │
 *    └────────────────────────── given back ─────────────────┴─────────────────────┤
 *    └──────── response written ─────── COMPLETING ◀──────── holder dead ──────────┘
 * </pre>
 *
 * and from anywhere by an answer that ends it: LINGERING ──▶ CLOSED. On the event loop only.
 */
final class ClientConnection implements Connection, EpollIoHandle {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    /** How long a client may take to take an answer that ends its connection. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What the system refuses is tried again so often for each connection. */
    private static final int MOST_REFUSALS = 100;

    private enum State {
        /** The monitor waits for a request, or for the rest of its head. */
        WAITING,
        /** A target was asked to take it, and has not said what it does with it. */
        OFFERED,
        /** Another process has it. */
        HELD,
        /** The process that had it is dead, and the monitor writes the rest of its response. */
        COMPLETING,
        /** The last answer was sent; what the client still sends is thrown away until it closes. */
        LINGERING,
        CLOSED
    }

    private final long id;
    private final Socket socket;
    private final Connections all;
    private IoRegistration registration;
    private EpollIoOps interest;
    private State state = State.WAITING;
    private long deadline;
    private final ReceivedBytes received;
    private HeadReader.Head head;
    private Target target;
    private Target refusedBy;
    private Holder holder;
    private Completion completion;
    /** What its target keeps of it, in bytes. */
    private int kept;
    /** Why the next request, which was in a file, is lost; null where it is not. */
    private IOException unreadable;

    private boolean routing;
    /** How often the system has refused to read from it, or to write to it. */
    private int refused;
    /** An unread connection was refused: its request is read, and gets its answer then. */
    private boolean readFirst;

    ClientConnection(long id, int descriptor, Connections all) {
        this.id = id;
        this.socket = new Socket(descriptor);
        this.all = all;
        this.received = new ReceivedBytes(all.memory);
    }

    /** Begins with a connection that was just accepted. */
    void begin(IoRegistration registered) {
        registration = registered;
        deadline = all.headDeadline();
        Target sole = all.routes.sole();
        if (sole != null && sole.takesUnread()) {
            offer(sole);
        } else {
            await();
        }
    }

    /** Lets a connection that was just accepted know that there is no room for it. */
    void refuse(IoRegistration registered) {
        registration = registered;
        answer(503, 1);
    }

    /** Whether it has a part of a request, and the client may never send the rest. */
    boolean isUnfinished() {
        return state == State.WAITING && !received.isEmpty();
    }

    /** Whether it has no request, or has had its last answer. */
    boolean isIdle() {
        return isParked() || state == State.LINGERING;
    }

    boolean isCompleting() {
        return state == State.COMPLETING;
    }

    /** When its time is up, as {@link System#nanoTime} tells it: the earlier, the longer has it been as it is. */
    long deadline() {
        return deadline;
    }

    /** Puts what was read into a file, where it is only kept for the case that somebody else has to serve it. */
    void relieve(ReliefFile file) throws IOException {
        if (state == State.OFFERED || state == State.HELD) {
            received.relieve(file);
        }
    }

    boolean isParked() {
        return state == State.WAITING && received.isEmpty();
    }

    boolean isHeld() {
        return state == State.HELD;
    }

    // ---- what the event loop reports

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        try {
            switch (state) {
                case WAITING -> readable();
                case LINGERING -> discard();
                case COMPLETING -> writeRest();
                // Nothing but a hang-up is watched for: somebody called shutdown, or the client is gone.
                case OFFERED, HELD -> end();
                case CLOSED -> {}
            }
        } catch (IOException | NotYetConnectedException e) {
            if (e instanceof NativeIoException && SystemErrors.isRefusal(e) && ++refused <= MOST_REFUSALS) {
                // The loop reports it again.
                return;
            }
            // Mostly the client left in the middle: expected.
            LOG.debug("connection {} ends", id, e);
            cut();
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // Other errors are the machine's, and no one connection's: what they have left half done, nobody knows.
            LOG.error("Connection {} is cut", id, e);
            cut();
        }
    }

    private void readable() throws IOException {
        all.makeRoom();
        if (state != State.WAITING) {
            return;
        }
        Target sole = all.routes.sole();
        if (sole != null && received.isEmpty() && !readFirst && sole.takesUnread()) {
            offer(sole);
            return;
        }
        int bytes = socket.recv(all.buffer, 0, all.buffer.capacity());
        if (bytes < 0) {
            end();
            return;
        }
        if (received.isEmpty()) {
            deadline = all.headDeadline();
        }
        received.read(all.buffer.position(0).limit(bytes));
        all.buffer.clear();
        route();
    }

    private void discard() throws IOException {
        if (socket.recv(all.buffer, 0, all.buffer.capacity()) < 0) {
            end();
        }
    }

    void checkDeadline(long now) {
        if (state == State.COMPLETING && completion.late(now)) {
            LOG.debug("connection {} is cut: its client takes the rest of a response too slowly", id);
            cut();
            return;
        }
        if (deadline != 0 && now - deadline >= 0) {
            timeIsUp();
        }
    }

    /** Ends it, with an answer where there is a part of a request. */
    void timeIsUp() {
        if (isUnfinished()) {
            answer(408);
        } else {
            cut();
        }
    }

    // ---- routing

    /** Routes the requests that were read, one after another, until one leaves or more has to be read. */
    private void route() {
        if (routing) {
            // A target gave the connection back while it was being offered: the loop below goes on with it.
            return;
        }
        routing = true;
        try {
            while (state == State.WAITING && !received.isEmpty() && routeNext()) {
                // Each turn either used a whole request or gave the connection away.
            }
        } finally {
            routing = false;
        }
        if (state == State.WAITING) {
            await();
        }
    }

    /** @return false if the head is not complete */
    private boolean routeNext() {
        try {
            head = received.head();
        } catch (MalformedRequestException e) {
            LOG.debug("connection {}: {}", id, e.getMessage());
            answer(e.status());
            return true;
        } catch (IOException e) {
            loseRequest(e);
            return true;
        }
        if (head == null) {
            if (!received.isFull()) {
                return false;
            }
            answer(431);
            return true;
        }
        Target found = all.routes.find(head.target().host(), head.target().path());
        if (found == null || found == refusedBy) {
            answer(404);
        } else {
            offer(found);
        }
        return true;
    }

    private void offer(Target to) {
        state = State.OFFERED;
        deadline = 0;
        target = to;
        watch(EpollIoOps.EPOLLERR);
        try {
            to.take(this);
        } catch (RuntimeException e) {
            LOG.error("The target {} fails to take connection {}", to, id, e);
            if (state == State.OFFERED) {
                answer(503);
            }
        }
    }

    // ---- what a target does

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isOpen() {
        return state != State.CLOSED;
    }

    @Override
    public int descriptor() {
        return socket.intValue();
    }

    @Override
    public UnusedBytes unused() {
        return received.view();
    }

    @Override
    public void handedOff(Holder by) {
        if (state == State.OFFERED) {
            state = State.HELD;
            holder = by;
            all.countHandedOff();
        }
    }

    @Override
    public void notTaken() {
        if (state == State.HELD) {
            state = State.OFFERED;
            holder = null;
        }
    }

    @Override
    public void giveBack(UnusedBytes unused) {
        refusedBy = null;
        takeBack(unused);
    }

    @Override
    public void reroute(UnusedBytes unused) {
        // The very request that the target was offered comes back: the table sends it where nobody answers it. Any
        // other request may be routed there: the target was given the connection before anybody knew the request.
        refusedBy = received.beginAs(unused) ? target : null;
        takeBack(unused);
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
        return new Progress(TcpCounts.read(socket), TcpCounts.of(socket).written());
    }

    @Override
    public void complete(Rest rest, boolean keep, Duration patience, UnusedBytes unused) {
        Completion next = new Completion(rest, keep, patience);
        if (state != State.HELD) {
            next.close();
            unused.close();
            return;
        }
        refusedBy = null;
        all.makeRoom();
        takeOver(unused);
        all.memory.add(next.memory());
        completion = next;
        state = State.COMPLETING;
        deadline = 0;
        // The first piece too waits for its turn.
        watch(EpollIoOps.EPOLLOUT);
    }

    private void writeRest() throws IOException {
        if (!all.takePiece() || !completion.write(socket, all.buffer)) {
            // The loop reports it again, as long as the client takes more.
            return;
        }
        boolean keep = completion.keeps();
        endCompletion();
        if (keep) {
            goOn();
        } else {
            linger();
        }
    }

    private void endCompletion() {
        all.memory.add(-completion.memory());
        completion.close();
        completion = null;
    }

    private void takeBack(UnusedBytes unused) {
        if (state != State.OFFERED && state != State.HELD) {
            unused.close();
        } else if (unused.rest().remaining() <= MOST_UNUSED) {
            all.makeRoom();
            takeOver(unused);
            goOn();
        } else {
            unused.close();
            LOG.warn(
                    "Connection {} ends: it was given back with {} bytes, more than can be passed on",
                    id,
                    unused.rest().remaining());
            holder = null;
            end();
        }
    }

    private void takeOver(UnusedBytes unused) {
        holder = null;
        head = null;
        readFirst = false;
        unreadable = null;
        try {
            received.replace(unused);
        } catch (IOException e) {
            unreadable = e;
        }
    }

    /** Goes on with the next request, or waits for it. */
    private void goOn() {
        state = State.WAITING;
        deadline = received.isEmpty() ? all.idleDeadline() : all.headDeadline();
        if (unreadable == null) {
            route();
        } else {
            loseRequest(unreadable);
        }
    }

    private void loseRequest(IOException cause) {
        LOG.error("Connection {} is answered 502: its request is in a file that cannot be read", id, cause);
        answer(502);
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
        if (state == State.CLOSED || state == State.LINGERING) {
            return;
        }
        if (state == State.OFFERED && received.isEmpty()) {
            // There is no request yet: an answer to nothing would surprise the client, and it may ask for what is not
            // here at all.
            readFirst = true;
            state = State.WAITING;
            deadline = all.headDeadline();
            await();
            return;
        }
        all.countAnswered();
        holder = null;
        boolean goesOn =
                state != State.HELD && head != null && head.complete() && head.keepAlive() && !received.isSpilled();
        // A direct buffer for each answer would be memory that only a collection of garbage frees.
        ByteBuffer buffer = all.buffer.clear();
        ByteBuf out = Unpooled.wrappedBuffer(buffer).clear();
        ErrorPage.write(
                out, status, status == 503 ? retryAfter : 0, content(), goesOn, head == null || head.newerThan10());
        try {
            if (socket.send(buffer, 0, out.writerIndex()) < out.writerIndex()) {
                // The socket is full: the client does not read what it got before, and will not read this.
                end();
            } else if (goesOn) {
                nextRequest();
            } else {
                linger();
            }
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("connection {} is gone before its answer", id, e);
            end();
        }
    }

    private ErrorPage.Content content() {
        if (state == State.HELD || !received.isHeadBegun()) {
            // The one that had it may have answered several requests since; or nobody has seen the request.
            return ErrorPage.Content.EMPTY;
        }
        return received.isHead() ? ErrorPage.Content.HEAD_ONLY : ErrorPage.Content.PAGE;
    }

    private void nextRequest() {
        received.skip(head.length());
        head = null;
        refusedBy = null;
        readFirst = false;
        goOn();
    }

    /**
     * Closing while unread bytes are in the socket makes the kernel send a reset, which can destroy the answer on its
     * way. So the monitor says that it sends no more, and reads until the client closes.
     */
    private void linger() throws IOException {
        state = State.LINGERING;
        received.clear();
        deadline = System.nanoTime() + LINGER_NANOS;
        socket.shutdown(false, true);
        watch(EpollIoOps.EPOLLIN);
    }

    @Override
    public void cut() {
        holder = null;
        if (state != State.HELD && state != State.COMPLETING) {
            end();
            return;
        }
        try {
            // For TCP a reset, whoever else may have the socket; shutdown would be an end in order.
            socket.disconnect();
            release();
        } catch (IOException e) {
            LOG.debug("connection {} has ended already", id, e);
            end();
        }
    }

    // ---- the end

    /** The monitor stops: a process that holds the connection goes on with it, else it ends. */
    void leave() {
        if (state == State.HELD) {
            release();
        } else {
            cut();
        }
    }

    /** Ends the connection for whoever has it. */
    private void end() {
        if (state == State.CLOSED) {
            return;
        }
        try {
            socket.shutdown();
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("connection {} was shut down already", id, e);
        }
        Holder told = holder;
        release();
        if (told != null) {
            told.closed(this);
        }
    }

    private void release() {
        state = State.CLOSED;
        holder = null;
        received.clear();
        if (completion != null) {
            endCompletion();
        }
        all.closed(this);
        // The descriptor's other holder keeps the socket alive, so closing alone would not take it out of epoll.
        if (registration != null) {
            registration.cancel();
        }
        // The loop may have an event for this descriptor that it has not come to yet. A connection accepted in the same
        // turn would get the same number, and the hang-up of this one: so the number is freed behind this turn.
        if (all.loop.isShuttingDown()) {
            closeDescriptor();
        } else {
            all.loop.execute(this::closeDescriptor);
        }
    }

    private void closeDescriptor() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the descriptor of connection {}", id, e);
        }
    }

    /** The event loop ends. */
    @Override
    public void close() {
        leave();
    }

    // ---- small change

    private void await() {
        watch(EpollIoOps.EPOLLIN);
    }

    private void watch(EpollIoOps ops) {
        if (ops != interest) {
            interest = ops;
            registration.submit(ops);
        }
    }

    @Override
    public String toString() {
        return "connection " + id + " (" + state.name().toLowerCase() + ")";
    }
}
