package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import org.handoff.http.loop.SystemErrors;
import org.handoff.monitor.api.Connection;
import org.handoff.socket.Descriptors;
import org.handoff.socket.TcpCounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of one client on the event loop: the awaited events, and the handling of failed ones. Another process may
 * have the same socket.
 */
final class ClientSocket implements EpollIoHandle {

    private static final Logger LOG = LoggerFactory.getLogger(ClientSocket.class);

    /** The number of attempts for each connection after refused system calls. */
    private static final int MOST_REFUSALS = 100;

    // From Linux's linux/eventpoll.h.
    private static final int EPOLLHUP = 0x10;
    private static final int EPOLLONESHOT = 1 << 30;

    // From its linux/in.h and linux/tcp.h.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CORK = 3;

    /** Errors and the end of both sides, which the system always reports; once, as no call follows but the last. */
    private static final EpollIoOps HANG_UP = EpollIoOps.valueOf(EpollIoOps.EPOLLERR.value() | EPOLLONESHOT);

    /** The owner of the socket. */
    interface Owner {

        /** The loop reports an awaited event, or a hang-up. */
        void ready() throws IOException;

        /** The socket or its owner has failed, and the connection must end. */
        void cut();

        /** The event loop ends. */
        void leave();
    }

    private final long id;
    private final FileDescriptor descriptor;
    private final IoEventLoop loop;
    private final Owner owner;
    private IoRegistration registration;
    private EpollIoOps interest;
    /** The descriptor again, for more calls: made when it is needed, as Netty then asks the system for its family. */
    private Socket socket;
    /** Whether both sides have ended, for every process that has the socket. */
    private boolean hungUp;
    /** How often a hang-up was awaited. */
    private int waits;
    /** Whether the system may report something more. */
    private boolean watched;
    /** Whether another process may have put the socket into blocking mode, in which a call here could stop the loop. */
    private boolean wasShared;

    /** The number of refused reads and writes. */
    private int refused;

    /** @param id the connection's, for messages */
    ClientSocket(long id, int descriptor, IoEventLoop loop, Owner owner) {
        this.id = id;
        this.descriptor = new FileDescriptor(descriptor);
        this.loop = loop;
        this.owner = owner;
    }

    /** The loop has registered the socket. */
    void registered(IoRegistration given) {
        registration = given;
    }

    int number() {
        return descriptor.intValue();
    }

    private Socket socket() {
        if (socket == null) {
            socket = new Socket(number());
        }
        return socket;
    }

    /** Waits for bytes to read. */
    void awaitBytes() {
        watch(EpollIoOps.EPOLLIN);
    }

    /** Waits for room to write. */
    void awaitRoom() {
        watch(EpollIoOps.EPOLLOUT);
    }

    /** Waits for a hang-up only, while another process serves the connection. */
    void awaitHangUp() {
        wasShared = true;
        watch(HANG_UP);
    }

    private void watch(EpollIoOps ops) {
        if (ops != interest) {
            interest = ops;
            waits += ops == HANG_UP ? 1 : 0;
            watched = true;
            registration.submit(ops);
        }
    }

    /** Reads into a whole buffer. @return the number of bytes; negative if the client has ended its side */
    int receive(ByteBuffer into) throws IOException {
        takeBack();
        return descriptor.read(into, 0, into.capacity());
    }

    /** The number of bytes that can be read now; 0 also if the client has ended its side. */
    int available() throws IOException {
        return Descriptors.available(number());
    }

    /** Writes as much as the socket takes. @return the number of bytes */
    int send(ByteBuffer from, int length) throws IOException {
        takeBack();
        return socket().send(from, 0, length);
    }

    private void takeBack() throws IOException {
        if (wasShared) {
            wasShared = false;
            Descriptors.makeNonBlocking(number());
        }
    }

    /** As {@link Connection#progress}. */
    Connection.Progress progress() throws IOException {
        Connection.Progress progress = new Connection.Progress(
                TcpCounts.read(socket()), TcpCounts.of(socket()).written());
        // Its holder may have died between the two calls around a head and its file.
        socket().setRawOpt(IPPROTO_TCP, TCP_CORK, ByteBuffer.allocate(Integer.BYTES));
        return progress;
    }

    /** Tells the client that nothing more comes. */
    void endOutput() throws IOException {
        socket().shutdown(false, true);
    }

    /** Ends the connection in order, for every process that has the socket. */
    void shutdown() {
        if (hungUp) {
            return;
        }
        try {
            socket().shutdown();
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("connection {} was shut down already", id, e);
        }
    }

    /**
     * Ends the connection by a reset, for every process that has the socket.
     *
     * @return false if it has ended already
     */
    boolean reset() {
        try {
            // A reset for TCP, even if other processes have the socket; shutdown would be an orderly end.
            socket().disconnect();
            return true;
        } catch (IOException e) {
            LOG.debug("connection {} has ended already", id, e);
            return false;
        }
    }

    /** Takes the socket off the loop, and closes the descriptor. */
    void release() {
        // The descriptor's other holder keeps the socket alive, so closing alone would not take it out of epoll. Only
        // after the awaited hang-up it may stay there until its last holder has closed it: nothing more is reported.
        if (watched) {
            cancel();
        }
        // The loop may have an event for this descriptor that is still to be processed. A connection accepted in the
        // same turn would get the same number, and the hang-up of this one: so the number is freed after this turn.
        if (loop.isShuttingDown()) {
            free();
        } else {
            loop.execute(this::free);
        }
    }

    private void free() {
        try {
            descriptor.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the descriptor of connection {}", id, e);
        }
        // Of a closed descriptor Netty forgets the registration, without a system call.
        cancel();
    }

    private void cancel() {
        if (registration != null) {
            registration.cancel();
        }
    }

    @Override
    public FileDescriptor fd() {
        return descriptor;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        EpollIoOps reported = ((EpollIoEvent) event).ops();
        hungUp |= (reported.value() & EPOLLHUP) != 0;
        // After several waits in one turn of the loop it may have been reported to a former one.
        watched = interest != HANG_UP || waits > 1;
        try {
            owner.ready();
        } catch (IOException | NotYetConnectedException e) {
            if (e instanceof NativeIoException && SystemErrors.isRefusal(e) && ++refused <= MOST_REFUSALS) {
                // The loop reports it again.
                return;
            }
            // Mostly the client left in the middle, which is expected.
            LOG.debug("connection {} ends", id, e);
            owner.cut();
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // Other errors are faults of the machine or of this program, and may leave the connection in any state.
            LOG.error("Connection {} is cut", id, e);
            owner.cut();
        }
    }

    /** The event loop ends. */
    @Override
    public void close() {
        owner.leave();
    }
}
