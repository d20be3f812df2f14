package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import org.handoff.http.loop.SystemErrors;
import org.handoff.monitor.api.Connection;
import org.handoff.socket.TcpCounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of one client on the event loop: what the loop watches it for, and what becomes of an event that fails.
 * Another process may have the same socket.
 */
final class ClientSocket implements EpollIoHandle {

    private static final Logger LOG = LoggerFactory.getLogger(ClientSocket.class);

    /** What the system refuses is tried again so often for each connection. */
    private static final int MOST_REFUSALS = 100;

    /** Whose socket it is. */
    interface Owner {

        /** The loop reports what was awaited, or a hang-up. */
        void ready() throws IOException;

        /** The socket is of no use any more: it fails, or its owner does. */
        void cut();

        /** The event loop ends. */
        void leave();
    }

    private final long id;
    private final Socket socket;
    private final IoEventLoop loop;
    private final Owner owner;
    private IoRegistration registration;
    private EpollIoOps interest;
    /** How often the system has refused to read from it, or to write to it. */
    private int refused;

    /** @param id the connection's, for messages */
    ClientSocket(long id, int descriptor, IoEventLoop loop, Owner owner) {
        this.id = id;
        this.socket = new Socket(descriptor);
        this.loop = loop;
        this.owner = owner;
    }

    /** The loop has taken it. */
    void registered(IoRegistration given) {
        registration = given;
    }

    int number() {
        return socket.intValue();
    }

    /** Has the owner told when there is something to read. */
    void awaitBytes() {
        watch(EpollIoOps.EPOLLIN);
    }

    /** Has the owner told when there is room to write. */
    void awaitRoom() {
        watch(EpollIoOps.EPOLLOUT);
    }

    /** Has the owner told of nothing but a hang-up. */
    void awaitHangUp() {
        watch(EpollIoOps.EPOLLERR);
    }

    private void watch(EpollIoOps ops) {
        if (ops != interest) {
            interest = ops;
            registration.submit(ops);
        }
    }

    /**
     * Reads what is there into a whole buffer.
     *
     * @return how many bytes; negative where the client has ended its side
     */
    int receive(ByteBuffer into) throws IOException {
        return socket.recv(into, 0, into.capacity());
    }

    /**
     * Writes what the socket takes.
     *
     * @return how many bytes
     */
    int send(ByteBuffer from, int length) throws IOException {
        return socket.send(from, 0, length);
    }

    /** As {@link Connection#progress}. */
    Connection.Progress progress() throws IOException {
        return new Connection.Progress(
                TcpCounts.read(socket), TcpCounts.of(socket).written());
    }

    /** Tells the client that nothing more comes. */
    void endOutput() throws IOException {
        socket.shutdown(false, true);
    }

    /** Ends the connection in order, for every process that has the socket. */
    void shutdown() {
        try {
            socket.shutdown();
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
            // For TCP a reset, whoever else may have the socket; shutdown would be an end in order.
            socket.disconnect();
            return true;
        } catch (IOException e) {
            LOG.debug("connection {} has ended already", id, e);
            return false;
        }
    }

    /** Takes it off the loop, and closes the descriptor. */
    void release() {
        // The descriptor's other holder keeps the socket alive, so closing alone would not take it out of epoll.
        if (registration != null) {
            registration.cancel();
        }
        // The loop may have an event for this descriptor that it has not come to yet. A connection accepted in the same
        // turn would get the same number, and the hang-up of this one: so the number is freed behind this turn.
        if (loop.isShuttingDown()) {
            closeDescriptor();
        } else {
            loop.execute(this::closeDescriptor);
        }
    }

    private void closeDescriptor() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the descriptor of connection {}", id, e);
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        try {
            owner.ready();
        } catch (IOException | NotYetConnectedException e) {
            if (e instanceof NativeIoException && SystemErrors.isRefusal(e) && ++refused <= MOST_REFUSALS) {
                // The loop reports it again.
                return;
            }
            // Mostly the client left in the middle: expected.
            LOG.debug("connection {} ends", id, e);
            owner.cut();
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // Other errors are the machine's, and no one connection's: what they have left half done, nobody knows.
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
