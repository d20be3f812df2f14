package org.handoff.socket;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

import org.newsclub.net.unix.FileDescriptorCast;
import org.newsclub.net.unix.SeqPacketSocket;

/**
 * One end of the socket pair between the monitor and a worker: non-blocking, a packet a message, each with at most one
 * descriptor. For one thread at a time.
 */
public final class ControlSocket implements Closeable {

    /** The result of {@link #receive} for a packet whose descriptor this process has no number for. */
    public static final int DESCRIPTOR_LOST = SeqPacketSocket.DESCRIPTOR_LOST;

    private final SeqPacketSocket socket;
    private final int descriptor;
    private int passed = -1;

    private ControlSocket(FileDescriptor descriptor) throws IOException {
        this.socket = new SeqPacketSocket(descriptor);
        this.descriptor = socket.descriptor();
    }

    /** Both ends of a new pair: ours, and the one that a child process inherits as its standard input. */
    public record Pair(ControlSocket ours, ChildEnd childs) {}

    /** The end that a child process inherits. Close it once the child has started. */
    public static final class ChildEnd implements Closeable {

        private final FileDescriptor descriptor;

        private ChildEnd(FileDescriptor descriptor) {
            this.descriptor = descriptor;
        }

        /** Makes this end a child's standard input, in {@link ProcessBuilder#redirectInput}. */
        public ProcessBuilder.Redirect redirect() throws IOException {
            return FileDescriptorCast.using(descriptor).as(ProcessBuilder.Redirect.class);
        }

        /** Uses this end in this process instead of giving it to a child. */
        public ControlSocket adopt() throws IOException {
            return new ControlSocket(descriptor);
        }

        @Override
        public void close() throws IOException {
            new FileOutputStream(descriptor).close();
        }
    }

    /**
     * Makes a connected pair. The caller closes both ends.
     *
     * @throws IOException if the process has no descriptors left
     */
    public static Pair pair() throws IOException {
        FileDescriptor[] ends = SeqPacketSocket.pair();
        try {
            return new Pair(new ControlSocket(ends[0]), new ChildEnd(ends[1]));
        } catch (IOException e) {
            new FileOutputStream(ends[0]).close();
            new FileOutputStream(ends[1]).close();
            throw e;
        }
    }

    /**
     * The end that this process was started with, its descriptor 0.
     *
     * @throws IOException if descriptor 0 is closed
     */
    public static ControlSocket inherited() throws IOException {
        return new ControlSocket(FileDescriptor.in);
    }

    /** The descriptor's number, for an event loop. It belongs to this object. */
    public int descriptor() {
        return descriptor;
    }

    /**
     * Sends what remains in a direct buffer as one packet; the buffer stays as it is.
     *
     * @param passed a descriptor to send along, or -1; the caller keeps it
     * @return false if the socket is full, or the system has no memory for it now: nothing was sent
     * @throws java.nio.channels.ClosedChannelException if the other end is gone; what it sent before can still be
     *         received
     * @throws IOException if the system refuses
     */
    public boolean send(ByteBuffer packet, int passed) throws IOException {
        return socket.send(packet, passed);
    }

    /**
     * Receives one packet into a direct buffer, from its position on. Packets must not begin with a byte 0.
     *
     * @return the packet's bytes; 0 if there is none now; -1 if the other end is gone; {@link #DESCRIPTOR_LOST} if this
     *        process has too many descriptors open for the one that came along, which is lost: the packet, of unknown
     *        length, is in the buffer behind the position
     * @throws IOException if the system refuses
     */
    public int receive(ByteBuffer packet) throws IOException {
        closePassed();
        int received = socket.receive(packet);
        int[] descriptors = socket.takeDescriptors();
        if (descriptors.length > 0) {
            passed = descriptors[0];
            // Frames carry one at most; more could come only from a process that wants to exhaust this one's
            // descriptors.
            for (int i = 1; i < descriptors.length; i++) {
                close(descriptors[i]);
            }
        }
        return received;
    }

    /** The descriptor that came with the last packet, or -1; from here on it is the caller's. */
    public int takeDescriptor() {
        int taken = passed;
        passed = -1;
        return taken;
    }

    @Override
    public void close() throws IOException {
        closePassed();
        socket.close();
    }

    private void closePassed() throws IOException {
        int left = takeDescriptor();
        if (left >= 0) {
            close(left);
        }
    }

    private static void close(int descriptor) throws IOException {
        new FileOutputStream(FileDescriptorCast.unsafeUsing(descriptor).getFileDescriptor()).close();
    }
}
