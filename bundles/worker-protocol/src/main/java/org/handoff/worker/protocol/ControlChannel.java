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
 * The control socket on an event loop: frames in, frames out. A refused system call is tried again until it succeeds;
 * an owner that cannot wait closes the channel. Everything here, the listener's calls too, happens on the loop's
 * thread.
 */
public final class ControlChannel {

    private static final Logger LOG = LoggerFactory.getLogger(ControlChannel.class);

    /** The frames taken in one go, so that one busy worker does not keep the loop from the others. */
    private static final int FRAMES_A_TURN = 64;

    /** The pause after a refused system call. */
    private static final long REFUSED_PAUSE_MILLIS = 10;

    private static final long COMPLAINT_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Events of the channel. */
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
         * @param cause null if the other side closed its end; otherwise the failure
         */
        void ended(Throwable cause);

        /** The socket, which was full, takes frames again; the waiting frames have been sent. */
        default void drained() {
            // Most listeners need not know.
        }
    }

    private enum State {
        OPEN,
        /** The system has refused a call, and gets no other for a moment; then the channel is OPEN again. */
        PAUSED,
        /** For good. */
        CLOSED
    }

    /** The result of sending a packet. */
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
                    LOG.warn("Cannot close descriptor {}, a duplicate for a waiting frame", descriptor, e);
                }
            }
        }
    }

    private final ControlSocket socket;
    private final IoEventLoop loop;
    private final Listener listener;
    /** One byte more than a packet may have, so that a longer packet, cut off by the system, is recognized. */
    private final ByteBuffer in = ByteBuffer.allocateDirect(Frame.MAX_PACKET + 1);

    private final ByteBuffer out = ByteBuffer.allocateDirect(Frame.MAX_PACKET);
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Handle handle;
    private IoRegistration registration;
    private State state = State.OPEN;
    /** The number of packets sent. */
    private long sent;
    /** Whether the last attempt to send found no room. */
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
        if (!trySend(frame, -1) && state != State.CLOSED) {
            waiting.add(new Waiting(packet(frame), -1));
        }
    }

    /**
     * Sends a frame with a descriptor, now or as soon as the socket is not full; frames keep their order.
     *
     * @param descriptor to send along; the caller keeps it, and may close it at once
     * @return whether the frame has left this process, and arrives even if it is killed now; else it waits, until
     *         {@link #isDrained}, or the other side is gone
     * @throws IOException if it has to wait, and this process has too many descriptors open to keep one of its own for
     *         that: nothing is sent then
     */
    public boolean send(Frame frame, int descriptor) throws IOException {
        if (state == State.CLOSED) {
            return false;
        }
        if (waiting.isEmpty() && state == State.OPEN) {
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
     * Sends a frame now or not at all. If the socket is full or the system refuses, {@link Listener#drained} follows
     * when another attempt may succeed.
     *
     * @param descriptor to send along, or -1; the caller keeps it
     * @return false if the socket is full, the system refuses or the other side is gone: nothing was sent
     */
    public boolean trySend(Frame frame, int descriptor) {
        if (state != State.OPEN || !waiting.isEmpty()) {
            return state == State.CLOSED && descriptor < 0;
        }
        frame.writeTo(out.clear());
        Sending sending = send(out.flip(), descriptor);
        // After the other side's end a frame need not be sent again, but a descriptor has to go elsewhere.
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
            // The other side's last frames are still to be read, so the channel ends when reading comes to the end.
            LOG.debug("cannot send to descriptor {}", socket.descriptor(), e);
            return Sending.GONE;
        } catch (IOException e) {
            pause(e);
            return Sending.FULL;
        }
    }

    /** Makes no call on the socket for a moment: at once, the system would refuse the same again. */
    private void pause(IOException refusal) {
        refused++;
        long now = System.nanoTime();
        if (complainedAt == 0 || now - complainedAt > COMPLAINT_PAUSE_NANOS) {
            complainedAt = now;
            LOG.warn(
                    "The system refuses a call on the control socket {}: {} ({} refusals so far). Trying again every"
                            + " {} ms",
                    socket.descriptor(),
                    refusal.getMessage(),
                    refused,
                    REFUSED_PAUSE_MILLIS);
        }
        if (state == State.OPEN) {
            state = State.PAUSED;
            registration.submit(EpollIoOps.EPOLLERR);
            loop.schedule(this::resume, REFUSED_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void resume() {
        if (state == State.PAUSED) {
            state = State.OPEN;
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
        if (state != State.CLOSED) {
            state = State.CLOSED;
            waiting.forEach(Waiting::close);
            waiting.clear();
            registration.cancel();
            try {
                socket.close();
            } catch (IOException e) {
                LOG.warn("Cannot close the control socket {}", socket.descriptor(), e);
            }
        }
    }

    private void readable() throws IOException {
        for (int i = 0; i < FRAMES_A_TURN && state != State.CLOSED; i++) {
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
        if (waiting.isEmpty() && state != State.CLOSED) {
            registration.submit(EpollIoOps.EPOLLIN);
            listener.drained();
        }
        if (full && sent == before && state != State.CLOSED) {
            pause(new IOException("no memory for a packet, though the socket has room"));
        }
    }

    /** A step of the event loop. */
    private interface Step {

        void run() throws IOException;
    }

    /** Runs a step whose failure ends this channel, and not the event loop's turn for others. */
    private void guarded(Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException | Error e) {
            // An Error too: the loop would only log it and go on, with a frame half processed.
            end(e);
        }
    }

    private void end(Throwable cause) {
        if (state != State.CLOSED) {
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
            if (state == State.OPEN && ops.contains(EpollIoOps.EPOLLOUT)) {
                guarded(ControlChannel.this::writable);
            }
            if (state == State.OPEN && ops.value() != EpollIoOps.EPOLLOUT.value()) {
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
