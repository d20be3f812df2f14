package org.handoff.worker.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import org.handoff.socket.ControlSocket;
import org.handoff.socket.Descriptors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control socket on an event loop: frames in, frames out. What the system refuses is tried again until it succeeds;
 * whoever cannot wait for that long ends the channel. Everything here, the listener's calls too, happens on the loop's
 * thread.
 */
public final class ControlChannel {

    private static final Logger LOG = LoggerFactory.getLogger(ControlChannel.class);

    /** The frames taken in one go, so that one busy worker does not keep the loop from the others. */
    private static final int FRAMES_A_TURN = 64;

    /** What the system refuses is tried again after so long. */
    private static final long REFUSED_PAUSE_MILLIS = 10;

    private static final long COMPLAINT_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** What happens on the channel. */
    public interface Listener {

        /**
         * A frame came.
         *
         * @param frame its payload is valid until the return
         * @param descriptor the descriptor that came with it, or -1; from here on it is the listener's to close
         * @throws IOException if the frame is not allowed: the channel ends with this cause
         */
        void frame(Frame frame, int descriptor) throws IOException;

        /**
         * A frame came with a descriptor for which this process has too many open.
         *
         * @param frame without its payload, which is lost too
         * @throws IOException if the frame is not allowed: the channel ends with this cause
         */
        default void descriptorLost(Frame frame) throws IOException {
            throw new ProtocolException("a descriptor came with " + frame + ", but too many are open here to get it");
        }

        /**
         * The channel has ended and is closed; called once, not after {@link #close}.
         *
         * @param cause null if the other side closed its end; else what went wrong
         */
        void ended(Throwable cause);

        /** The socket, which was full, takes frames again; what had to wait has been sent. */
        default void drained() {
            // Of interest to who is about to leave.
        }
    }

    /** What becomes of a packet. */
    private enum Sending {
        SENT,
        FULL,
        GONE
    }

    /** A packet for which the socket had no room. @param descriptor a duplicate, closed when it is sent; or -1 */
    private record Waiting(ByteBuffer packet, int descriptor) {

        void close() {
            if (descriptor >= 0) {
                try {
                    new FileDescriptor(descriptor).close();
                } catch (IOException e) {
                    LOG.warn("cannot close descriptor {}, the copy of one that was to be sent", descriptor, e);
                }
            }
        }
    }

    private final ControlSocket socket;
    private final IoEventLoop loop;
    private final Listener listener;
    /** One byte more than a packet may have: the system cuts off what does not fit, and that must be seen. */
    private final ByteBuffer in = ByteBuffer.allocateDirect(Frame.MAX_PACKET + 1);

    private final ByteBuffer out = ByteBuffer.allocateDirect(Frame.MAX_PACKET);
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Handle handle;
    private IoRegistration registration;
    private boolean closed;
    /** The system has refused a call, and is left alone for a moment. */
    private boolean paused;
    /** How many packets were sent, and whether the last attempt found no room. */
    private long sent;

    private boolean full;
    private long refused;
    private long complainedAt;

    private ControlChannel(ControlSocket socket, IoEventLoop loop, Listener listener) {
        this.socket = socket;
        this.loop = loop;
        this.listener = listener;
        this.handle = new Handle(socket.descriptor());
    }

    /**
     * Puts a control socket on an event loop. Called on the loop's thread.
     *
     * @param socket from here on the channel's to close
     * @throws IOException if the loop cannot watch it; the socket is the caller's to close then
     */
    public static ControlChannel open(ControlSocket socket, IoEventLoop loop, Listener listener) throws IOException {
        ControlChannel channel = new ControlChannel(socket, loop, listener);
        var registered = loop.register(channel.handle);
        if (!registered.isSuccess()) {
            throw new IOException("the event loop does not take the control socket", registered.cause());
        }
        channel.registration = registered.getNow();
        try {
            channel.registration.submit(EpollIoOps.EPOLLIN);
        } catch (UncheckedIOException e) {
            channel.registration.cancel();
            throw e.getCause();
        }
        return channel;
    }

    /** Sends a frame, now or as soon as the socket is not full; frames keep their order. */
    public void send(Frame frame) {
        if (!trySend(frame, -1) && !closed) {
            waiting.add(new Waiting(packet(frame), -1));
        }
    }

    /**
     * Sends a frame with a descriptor, now or as soon as the socket is not full; frames keep their order.
     *
     * @param descriptor to send along; the caller keeps it, and may close it at once
     * @return whether the frame has left this process, and arrives even if it is killed now; else it waits, until
     *         {@link #isDrained}, or there is nobody any more to whom it could be sent
     * @throws IOException if it has to wait, and this process has too many descriptors open to keep one of its own for
     *         that: nothing is sent then
     */
    public boolean send(Frame frame, int descriptor) throws IOException {
        if (closed) {
            return false;
        }
        if (waiting.isEmpty() && !paused) {
            frame.writeTo(out.clear());
            Sending sending = send(out.flip(), descriptor);
            if (sending != Sending.FULL) {
                return sending == Sending.SENT;
            }
        }
        waiting.add(new Waiting(packet(frame), Descriptors.duplicate(descriptor)));
        return false;
    }

    /**
     * Sends a frame now or not at all. Where the socket is full or the system refuses, the listener hears of it when
     * that may be over.
     *
     * @param descriptor to send along, or -1; the caller keeps it
     * @return false if the socket is full, the system refuses or the other side is gone: nothing was sent
     */
    public boolean trySend(Frame frame, int descriptor) {
        if (closed || paused || !waiting.isEmpty()) {
            return closed && descriptor < 0;
        }
        frame.writeTo(out.clear());
        Sending sending = send(out.flip(), descriptor);
        // What nobody can get any more need not be sent again; but who passes a descriptor has to pass it elsewhere.
        return sending == Sending.SENT || sending == Sending.GONE && descriptor < 0;
    }

    private static ByteBuffer packet(Frame frame) {
        ByteBuffer packet =
                ByteBuffer.allocateDirect(Frame.HEADER + frame.payload().remaining());
        frame.writeTo(packet);
        return packet.flip();
    }

    private Sending send(ByteBuffer packet, int descriptor) {
        try {
            if (socket.send(packet, descriptor)) {
                sent++;
                return Sending.SENT;
            }
            full = true;
            registration.submit(EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT));
            return Sending.FULL;
        } catch (ClosedChannelException e) {
            // What the other side sent before its end is still to be read, so the end is not declared here: reading
            // comes to it.
            LOG.debug("cannot send to descriptor {}", socket.descriptor(), e);
            return Sending.GONE;
        } catch (IOException e) {
            pause(e);
            return Sending.FULL;
        }
    }

    /** Leaves the socket alone for a moment: at once, the system would refuse the same again. */
    private void pause(IOException refusal) {
        refused++;
        long now = System.nanoTime();
        if (complainedAt == 0 || now - complainedAt > COMPLAINT_PAUSE_NANOS) {
            complainedAt = now;
            LOG.warn(
                    "The system refuses a call on the control socket {}: {}, {} so far. It is tried again every {} ms",
                    socket.descriptor(),
                    refusal.getMessage(),
                    refused,
                    REFUSED_PAUSE_MILLIS);
        }
        if (!paused) {
            paused = true;
            registration.submit(EpollIoOps.EPOLLERR);
            loop.schedule(this::resume, REFUSED_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void resume() {
        if (!closed) {
            paused = false;
            registration.submit(EpollIoOps.EPOLLIN);
            guarded(this::writable);
        }
    }

    /** Whether no frame waits to be sent. */
    public boolean isDrained() {
        return waiting.isEmpty();
    }

    /** Closes the socket; the listener hears nothing more. */
    public void close() {
        if (!closed) {
            closed = true;
            waiting.forEach(Waiting::close);
            waiting.clear();
            registration.cancel();
            try {
                socket.close();
            } catch (IOException e) {
                LOG.warn("cannot close the control socket {}", socket.descriptor(), e);
            }
        }
    }

    private void readable() throws IOException {
        for (int i = 0; i < FRAMES_A_TURN && !closed; i++) {
            int received;
            try {
                received = socket.receive(in.clear());
            } catch (IOException e) {
                pause(e);
                return;
            }
            if (received == 0) {
                return;
            }
            if (received == ControlSocket.DESCRIPTOR_LOST) {
                listener.descriptorLost(Frame.readFrom(in.limit(Frame.HEADER)));
                continue;
            }
            if (received < 0) {
                end(null);
                return;
            }
            listener.frame(Frame.readFrom(in.flip()), socket.takeDescriptor());
        }
    }

    private void writable() {
        long before = sent;
        full = false;
        while (!waiting.isEmpty()
                && send(waiting.peek().packet(), waiting.peek().descriptor()) != Sending.FULL) {
            waiting.remove().close();
        }
        if (waiting.isEmpty() && !closed) {
            registration.submit(EpollIoOps.EPOLLIN);
            listener.drained();
        }
        if (full && sent == before && !closed) {
            pause(new IOException("no memory for a packet, though the socket has room"));
        }
    }

    /** Something that the event loop calls. */
    private interface Step {

        void run() throws IOException;
    }

    /** Does something whose failure ends this channel, and not what the event loop does for others. */
    private void guarded(Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException | Error e) {
            // An Error too: the loop would log it and go on, with a frame half done that nobody hears of.
            end(e);
        }
    }

    private void end(Throwable cause) {
        if (!closed) {
            close();
            listener.ended(cause);
        }
    }

    /** The event loop's view. */
    private final class Handle implements EpollIoHandle {

        private final FileDescriptor descriptor;

        Handle(int descriptor) {
            this.descriptor = new FileDescriptor(descriptor);
        }

        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration source, IoEvent event) {
            EpollIoOps ops = ((EpollIoEvent) event).ops();
            if (!closed && !paused && ops.contains(EpollIoOps.EPOLLOUT)) {
                guarded(ControlChannel.this::writable);
            }
            if (!closed && !paused && ops.value() != EpollIoOps.EPOLLOUT.value()) {
                guarded(ControlChannel.this::readable);
            }
        }

        /** The loop ends. */
        @Override
        public void close() {
            end(new IOException("the event loop has ended"));
        }
    }
}
