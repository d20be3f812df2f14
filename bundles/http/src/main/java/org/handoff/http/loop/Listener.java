package org.handoff.http.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.NetUtil;
import org.handoff.http.limits.Complaint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening socket: binds it, trying again until the port is free, and accepts. If it takes the place of another
 * listener, the other one listens until then. On the event loop only, but for {@link #bound} and {@link #toString}.
 */
public final class Listener implements EpollIoHandle {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private static final int BACKLOG = 4096;
    private static final int ACCEPTS_A_TURN = 128;
    private static final long RETRY_MILLIS = 1000;
    private static final long PAUSE_MILLIS = 100;

    // From Linux's asm-generic/errno.h.
    private static final int ECONNABORTED = 103;

    /**
     * The users of a listener, for people.
     *
     * @param whom begins each line in the log
     * @param file the configuration's, for the remedy
     * @param suffix of the status while it listens; empty for none
     */
    public record Purpose(String whom, String file, String suffix) {}

    private final Purpose purpose;
    private final InetSocketAddress address;
    private final IoEventLoop loop;
    private final IntConsumer accepted;
    private final byte[] clientAddress = new byte[26];

    /** The listener whose place this one is to take; null after that. */
    private Listener former;

    private Socket socket;
    private IoRegistration registration;
    private volatile InetSocketAddress bound;
    private boolean closed;
    private final Complaint failures = new Complaint();
    private volatile String status = "starting";

    /**
     * @param former listens until this one does; null for none
     * @param accepted gets the number of each accepted descriptor, and owns it
     */
    public Listener(
            Purpose purpose, InetSocketAddress address, Listener former, IoEventLoop loop, IntConsumer accepted) {
        this.purpose = purpose;
        this.address = address;
        this.former = former;
        this.loop = loop;
        this.accepted = accepted;
    }

    public InetSocketAddress address() {
        return address;
    }

    /** Binds the socket, now or as soon as it can be bound. */
    public void open() {
        if (closed) {
            return;
        }
        try {
            socket = LinuxSocket.newSocketStream(address.getAddress() instanceof Inet6Address);
            socket.setReuseAddress(true);
            // Accepted sockets inherit it, which saves a call for each of them.
            socket.setTcpNoDelay(true);
            bind();
            var registered = loop.register(this);
            if (!registered.isSuccess()) {
                throw new IOException("the event loop does not take the socket", registered.cause());
            }
            registration = registered.getNow();
            registration.submit(EpollIoOps.EPOLLIN);
            bound = socket.localAddress();
            status = "listening on " + text(bound) + purpose.suffix();
            LOG.info("{}: {}", purpose.whom(), status);
            takePlace();
        } catch (IOException | UncheckedIOException | ChannelException e) {
            reopen(e.getMessage());
        }
    }

    private void bind() throws IOException {
        boolean overlaps = former != null && former.has(address.getPort());
        if (overlaps) {
            share(true);
        }
        try {
            socket.bind(address);
            socket.listen(BACKLOG);
        } finally {
            if (overlaps) {
                share(false);
            }
        }
    }

    private boolean has(int port) {
        return bound != null && bound.getPort() == port;
    }

    /** Lets both listeners bind the port: the addresses of one may include those of the other. */
    private void share(boolean shared) throws IOException {
        former.socket.setReusePort(shared);
        socket.setReusePort(shared);
    }

    private void takePlace() {
        if (former != null) {
            former.stop();
            former = null;
        }
    }

    /**
     * The listener to be kept when another address is wanted: this one if it listens; otherwise it ends, and the kept
     * one is that whose place it could not take.
     *
     * @return null if none listens
     */
    public Listener lasting() {
        if (bound != null) {
            return this;
        }
        Listener lasting = former;
        former = null;
        stop();
        return lasting;
    }

    private void reopen(String reason) {
        cancel();
        closeSocket();
        String problem = "cannot listen on " + text(address) + ": " + reason;
        if (!problem.equals(status)) {
            status = problem;
            // Once, not every second until the port is free.
            LOG.error(
                    "{}: {}. Trying again every second; change address or port in {}, or end the process that has the port",
                    purpose.whom(),
                    this,
                    purpose.file());
        }
        loop.schedule(this::open, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Stops accepting and frees the port. */
    public void stop() {
        closed = true;
        takePlace();
        if (bound != null) {
            LOG.info("{}: no longer listening on {}", purpose.whom(), text(address));
        }
        cancel();
        closeSocket();
        status = "closed";
    }

    /** The event loop ends, or cannot watch the socket. */
    @Override
    public void close() {
        if (closed || loop.isShuttingDown()) {
            stop();
        } else {
            reopen("the system does not watch the socket");
        }
    }

    private void cancel() {
        bound = null;
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    /** The listening address, or null. Any thread may call it. */
    public InetSocketAddress bound() {
        return bound;
    }

    /** The listening port, or that of the listener whose place it could not take yet; or -1. */
    public int port() {
        return bound != null ? bound.getPort() : former == null ? -1 : former.port();
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        try {
            for (int i = 0; i < ACCEPTS_A_TURN && !closed; i++) {
                int client = socket.accept(clientAddress);
                if (client < 0) {
                    return;
                }
                accepted.accept(client);
            }
        } catch (IOException e) {
            acceptFailed(e);
        }
    }

    /** The state of the listener, or its problem, for the shell. */
    @Override
    public String toString() {
        return status + (former == null ? "" : "; still " + former);
    }

    private void acceptFailed(IOException e) {
        if (e instanceof NativeIoException refusal && refusal.expectedErr() == -ECONNABORTED) {
            LOG.debug("a client left before it was accepted");
            return;
        }
        // Mostly EMFILE: the connection stays in the kernel's queue, and is accepted once something was closed.
        // Any other error may be about one connection that was to be accepted (accept(2)).
        // One line a minute at most: near the limit, each connection that ends lets one in and the next one fails.
        failures.happens();
        if (failures.take(System.nanoTime()) > 0) {
            LOG.error(
                    "{}: cannot accept on {}: {}. Trying again every {} ms; if too many files are open, "
                            + "raise their limit (ulimit -n) for Karaf's process",
                    purpose.whom(),
                    text(address),
                    e.getMessage(),
                    PAUSE_MILLIS);
        }
        registration.submit(EpollIoOps.EPOLLERR);
        loop.schedule(this::acceptAgain, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void acceptAgain() {
        if (registration != null) {
            registration.submit(EpollIoOps.EPOLLIN);
        }
    }

    private void closeSocket() {
        if (socket != null && socket.isOpen()) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.warn("{}: cannot close the listening socket on {}", purpose.whom(), text(address), e);
            }
        }
    }

    private static String text(InetSocketAddress address) {
        return NetUtil.toSocketAddressString(address);
    }
}
