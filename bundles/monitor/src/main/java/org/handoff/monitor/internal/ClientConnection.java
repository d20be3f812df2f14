package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.EarlierBytes;
import org.handoff.monitor.api.Target;
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

    private static final byte[] NOTHING = {};

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
    /** What was read and not used: the beginning in a file, where it is much; and the rest. */
    private EarlierBytes earlier;
    private byte[] received = NOTHING;
    private int length;
    /** How many bytes were read since the beginning, by whoever, or {@link #UNKNOWN}. */
    private long position;
    /** How many of the bytes were searched for the end of the head. */
    private int searched;
    private RequestHead head;
    private Target target;
    private Target refusedBy;
    private Holder holder;
    private Completion completion;
    /** Why the next request, which was in a file, is lost; null where it is not. */
    private IOException unreadable;
    private boolean routing;
    /** An unread connection was refused: its request is read, and gets its answer then. */
    private boolean readFirst;

    ClientConnection(long id, int descriptor, Connections all) {
        this.id = id;
        this.socket = new Socket(descriptor);
        this.all = all;
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

    boolean isParked() {
        return state == State.WAITING && !hasBytes();
    }

    private boolean hasBytes() {
        return length > 0 || earlier != null;
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
                case CLOSED -> {
                }
            }
        } catch (IOException | NotYetConnectedException e) {
            // The client left in the middle: expected.
            LOG.debug("connection {} ends", id, e);
            cut();
        } catch (RuntimeException e) {
            LOG.error("Connection {} is cut", id, e);
            cut();
        }
    }

    private void readable() throws IOException {
        Target sole = all.routes.sole();
        if (sole != null && length == 0 && !readFirst && sole.takesUnread()) {
            offer(sole);
            return;
        }
        int bytes = socket.recv(all.buffer, 0, all.buffer.capacity());
        if (bytes < 0) {
            end();
            return;
        }
        if (length == 0) {
            deadline = all.headDeadline();
        }
        read(bytes);
        append(all.buffer.position(0).limit(bytes));
        all.buffer.clear();
        route();
    }

    private void read(int bytes) {
        if (position != UNKNOWN) {
            position += bytes;
        }
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
        if (deadline == 0 || now - deadline < 0) {
            return;
        }
        if (state == State.WAITING && hasBytes()) {
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
            while (state == State.WAITING && hasBytes() && routeNext()) {
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
            if (earlier == null) {
                head = RequestHead.parse(received, length, searched);
            } else {
                byte[] first = firstOf(earlier);
                head = RequestHead.parse(first, first.length, 0);
            }
        } catch (MalformedRequestException e) {
            LOG.debug("connection {}: {}", id, e.getMessage());
            answer(e.status());
            return true;
        } catch (IOException e) {
            loseRequest(e);
            return true;
        }
        if (head == null) {
            if (earlier == null && length < Connections.BUFFER) {
                searched = length;
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

    /** As much of a request that begins in a file as a head may have. */
    private byte[] firstOf(EarlierBytes inFile) throws IOException {
        int count = (int) Math.min(inFile.length(), Connections.BUFFER);
        byte[] first = Arrays.copyOf(read(inFile, count).array(), Math.min(count + length, Connections.BUFFER));
        System.arraycopy(received, 0, first, count, first.length - count);
        return first;
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
    public EarlierBytes earlier() {
        return earlier;
    }

    @Override
    public ByteBuffer received() {
        return ByteBuffer.wrap(received, 0, length).asReadOnlyBuffer();
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
    public long position() {
        return position;
    }

    @Override
    public void giveBack(EarlierBytes inFile, ByteBuffer unused, long newPosition) {
        refusedBy = null;
        takeBack(inFile, unused, newPosition);
    }

    @Override
    public void foreign(EarlierBytes inFile, ByteBuffer unused, long newPosition) {
        // The very request that the target was offered comes back: the table sends it where nobody answers it. Any
        // other request may be routed there: the target was given the connection before anybody knew the request.
        boolean same = inFile == null && earlier == null ? beginsWithReceived(unused)
                : hasBytes() && newPosition != UNKNOWN
                        && begin(inFile, unused.remaining(), newPosition) == begin(earlier, length, position);
        refusedBy = same ? target : null;
        takeBack(inFile, unused, newPosition);
    }

    /** The position of the first of some bytes. */
    private static long begin(EarlierBytes inFile, int bytes, long end) {
        return end - bytes - (inFile == null ? 0 : inFile.length());
    }

    @Override
    public Progress progress() throws IOException {
        return new Progress(TcpCounts.read(socket), TcpCounts.of(socket).written());
    }

    @Override
    public void complete(Rest rest, boolean keep, Duration patience, EarlierBytes inFile, ByteBuffer unused,
            long newPosition) {
        Completion next = new Completion(rest, keep, patience);
        if (state != State.HELD) {
            next.close();
            close(inFile);
            return;
        }
        refusedBy = null;
        takeOver(inFile, unused, newPosition);
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
        completion.close();
        completion = null;
        if (keep) {
            goOn();
        } else {
            linger();
        }
    }

    private boolean beginsWithReceived(ByteBuffer bytes) {
        return length > 0 && bytes.remaining() >= length
                && ByteBuffer.wrap(received, 0, length).equals(bytes.slice(bytes.position(), length));
    }

    private void takeBack(EarlierBytes inFile, ByteBuffer unused, long newPosition) {
        if (state == State.OFFERED || state == State.HELD) {
            takeOver(inFile, unused, newPosition);
            goOn();
        } else {
            close(inFile);
        }
    }

    private void takeOver(EarlierBytes inFile, ByteBuffer unused, long newPosition) {
        holder = null;
        head = null;
        readFirst = false;
        unreadable = null;
        // It may be a view of what is received.
        ByteBuffer rest = unused.duplicate();
        received = NOTHING;
        length = 0;
        searched = 0;
        position = newPosition;
        if (inFile != null && inFile.length() + rest.remaining() <= Connections.BUFFER) {
            // Not so much after all; and it may be a head that is not complete, which is read on here.
            try {
                append(read(inFile, (int) inFile.length()));
            } catch (IOException e) {
                unreadable = e;
            }
            earlier(null);
            close(inFile);
        } else {
            earlier(inFile);
        }
        append(rest);
    }

    /** Goes on with the next request, or waits for it. */
    private void goOn() {
        state = State.WAITING;
        deadline = hasBytes() ? all.headDeadline() : all.idleDeadline();
        if (unreadable == null) {
            route();
        } else {
            loseRequest(unreadable);
        }
    }

    private static ByteBuffer read(EarlierBytes inFile, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        inFile.file().read(bytes, inFile.offset());
        return bytes.flip();
    }

    private void loseRequest(IOException cause) {
        LOG.error("Connection {} is answered 502: its request is in a file that cannot be read", id, cause);
        answer(502);
    }

    private void earlier(EarlierBytes next) {
        if (earlier != null && (next == null || next.file() != earlier.file())) {
            close(earlier);
        }
        earlier = next;
    }

    private void close(EarlierBytes inFile) {
        if (inFile != null) {
            try {
                inFile.file().close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file of connection {}", id, e);
            }
        }
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
        if (state == State.OFFERED && !hasBytes()) {
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
        boolean goesOn = head != null && head.complete() && state != State.HELD && earlier == null;
        // The one that had it may have answered several requests since.
        ByteBuffer answer = state == State.HELD ? Answer.toUnknownRequest(status, retryAfter)
                : Answer.of(status, retryAfter, goesOn, head == null || !head.isHead());
        try {
            if (socket.send(answer, 0, answer.limit()) < answer.limit()) {
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

    private void nextRequest() {
        received = Arrays.copyOfRange(received, head.length(), length);
        length = received.length;
        searched = 0;
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
        forgetBytes();
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
        forgetBytes();
        if (completion != null) {
            completion.close();
            completion = null;
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

    private void forgetBytes() {
        earlier(null);
        received = NOTHING;
        length = 0;
    }

    private void await() {
        watch(EpollIoOps.EPOLLIN);
    }

    private void watch(EpollIoOps ops) {
        if (ops != interest) {
            interest = ops;
            registration.submit(ops);
        }
    }

    private void append(ByteBuffer bytes) {
        int more = bytes.remaining();
        if (more > 0) {
            if (length + more > received.length) {
                received = Arrays.copyOf(received, Math.max(length + more, length == 0 ? 0 : 2 * received.length));
            }
            bytes.get(received, length, more);
            length += more;
        }
    }

    @Override
    public String toString() {
        return "connection " + id + " (" + state.name().toLowerCase() + ")";
    }
}
