package org.newsclub.net.unix;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/**
 * A Unix domain socket of type {@code SOCK_SEQPACKET} in non-blocking mode, with descriptors.
 *
 * <p>This class is in junixsocket's package because two abilities of junixsocket 2.11.1 are not public: making a pair
 * of packet sockets, and releasing a received descriptor (junixsocket keeps a record of each until the socket is
 * closed, and a worker receives millions). All other code of Handoff uses {@code org.handoff.socket}. The class can
 * move there with a version of junixsocket that makes both public.
 *
 * <p>junixsocket closes a descriptor by itself when a call fails because the other end has gone. The number would be
 * free while an event loop still watches it, and the other end's last packets could not be read. So junixsocket gets a
 * duplicate, and another one after that. This can go with a version that leaves the descriptor open.
 *
 * <p>Not for use by two threads at once.
 */
public final class SeqPacketSocket implements Closeable {

    // From Linux's bits/socket.h; AFSocketType has no pairs of this type.
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;

    /**
     * Room for as many descriptors as the system lets a sender pass at once, 253: those that do not fit would stay
     * open, unknown to this process.
     */
    private static final int ANCILLARY_BYTES = 2048;

    /** The result of {@link #receive} for a packet whose descriptors the process has no numbers for. */
    public static final int DESCRIPTOR_LOST = -2;

    private final FileDescriptor descriptor;
    /** junixsocket's descriptor, which it may close. */
    private final FileDescriptor duplicate = new FileDescriptor();

    private final AncillaryDataSupport ancillary = new AncillaryDataSupport();
    private boolean closed;

    /**
     * Takes over a connected packet socket and makes it non-blocking.
     *
     * @param descriptor the socket; closed by {@link #close}
     * @throws IOException if it is not an open descriptor, or the process has no descriptors left
     */
    public SeqPacketSocket(FileDescriptor descriptor) throws IOException {
        this.descriptor = descriptor;
        NativeUnixSocket.ensureSupported();
        NativeUnixSocket.configureBlocking(descriptor, false);
        ancillary.setAncillaryReceiveBufferSize0(ANCILLARY_BYTES);
        duplicate();
    }

    private void duplicate() throws IOException {
        NativeUnixSocket.initFD(duplicate, DescriptorCopy.of(NativeUnixSocket.getFD(descriptor)));
    }

    /**
     * Makes a connected pair of packet sockets, both in blocking mode.
     *
     * @throws IOException if the process has no descriptors left
     */
    public static FileDescriptor[] pair() throws IOException {
        NativeUnixSocket.ensureSupported();
        FileDescriptor[] pair = {new FileDescriptor(), new FileDescriptor()};
        NativeUnixSocket.socketPair(AF_UNIX, SOCK_SEQPACKET, pair[0], pair[1]);
        return pair;
    }

    /** The number of the descriptor, for an event loop; the same until {@link #close}. */
    public int descriptor() throws IOException {
        return NativeUnixSocket.getFD(descriptor);
    }

    /**
     * Sends what remains in a direct buffer as one packet.
     *
     * @param passed a descriptor to send along, or -1
     * @return false if the socket is full, or the system has no memory for it now; nothing was sent then
     * @throws ClosedChannelException if the other end is gone
     * @throws IOException if the system call failed otherwise
     */
    public boolean send(ByteBuffer packet, int passed) throws IOException {
        requireDirect(packet);
        // Set anew for each packet: what a refused send leaves pending must not go out with the next one.
        ancillary.setOutboundFileDescriptors(passed < 0 ? null : new int[] {passed});
        try {
            int sent = NativeUnixSocket.send(
                    duplicate,
                    packet,
                    packet.position(),
                    packet.remaining(),
                    null,
                    0,
                    NativeUnixSocket.OPT_NON_BLOCKING,
                    ancillary);
            return sent == packet.remaining();
        } catch (SocketException e) {
            if (renewed()) {
                throw (IOException) new ClosedChannelException().initCause(e);
            }
            throw e;
        }
    }

    /** Gets another duplicate in place of one that junixsocket has closed. @return whether it has */
    private boolean renewed() throws IOException {
        boolean gone = NativeUnixSocket.getFD(duplicate) < 0;
        if (gone) {
            duplicate();
        }
        return gone;
    }

    /**
     * Receives one packet to a direct buffer's position, and moves the position behind it. Packets must not begin with
     * a byte 0.
     *
     * @return its bytes, 0 if there is none now, -1 if the other end is gone; {@link #DESCRIPTOR_LOST} if the process
     *        has too many descriptors open for one that came along: the packet, of unknown length, is in the buffer
     *        behind the position
     * @throws IOException if the system call failed
     */
    public int receive(ByteBuffer packet) throws IOException {
        requireDirect(packet);
        packet.put(packet.position(), (byte) 0);
        int received;
        try {
            received = receiveNow(packet);
        } catch (SocketException e) {
            // For junixsocket a control message cut short (MSG_CTRUNC) is ENOBUFS, but the packet was received.
            if (packet.get(packet.position()) != 0) {
                return DESCRIPTOR_LOST;
            }
            if (!renewed()) {
                throw e;
            }
            // If the other end is gone and had not read everything, the system reports that first, and once
            // (ECONNRESET). The other end's last packets come after it.
            received = receiveNow(packet);
        }
        if (received > 0) {
            packet.position(packet.position() + received);
        }
        return received;
    }

    private int receiveNow(ByteBuffer packet) throws IOException {
        return NativeUnixSocket.receive(
                duplicate,
                packet,
                packet.position(),
                packet.remaining(),
                null,
                NativeUnixSocket.OPT_NON_BLOCKING,
                ancillary,
                0);
    }

    /** The descriptors that came with the last packet. The caller owns them, as numbers. */
    public int[] takeDescriptors() throws IOException {
        FileDescriptor[] received = ancillary.getReceivedFileDescriptors();
        int[] numbers = new int[received.length];
        for (int i = 0; i < received.length; i++) {
            numbers[i] = NativeUnixSocket.getFD(received[i]);
            // Closing an object that no longer holds a number closes no descriptor; it runs the clean-up that
            // junixsocket attached, which takes the object off its books.
            NativeUnixSocket.initFD(received[i], -1);
            new FileInputStream(received[i]).close();
        }
        return numbers;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            NativeUnixSocket.close(duplicate);
            NativeUnixSocket.close(descriptor);
        }
    }

    private static void requireDirect(ByteBuffer buffer) {
        if (!Objects.requireNonNull(buffer, "buffer").isDirect()) {
            throw new IllegalArgumentException("the system call needs a direct buffer");
        }
    }
}
