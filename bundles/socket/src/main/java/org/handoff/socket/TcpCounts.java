package org.handoff.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

import io.netty.channel.unix.Socket;

/**
 * The progress of a TCP connection, as the kernel counts it: the only certain knowledge about a connection whose
 * process was killed between two instructions. From {@code struct tcp_info} ({@code linux/tcp.h}, Linux 4.19 and
 * later).
 *
 * @param received the bytes that have arrived since the connection began, whether read or not; the peer's end of the
 *        connection counts as one more
 * @param written the bytes that all processes have written to it since it began, whether they have left or not
 */
public record TcpCounts(long received, long written) {

    /** How often the other side may send during the question before it is given up. */
    private static final int TRIES = 1000;

    // Of enum tcp_state: in later states the connection has no two sides any more.
    private static final int FIN_WAIT1 = 4;
    private static final int CLOSE = 7;
    private static final int CLOSE_WAIT = 8;
    private static final int LAST_ACK = 9;
    private static final int CLOSING = 11;

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int BYTES_ACKED_AT = 120;
    private static final int BYTES_RECEIVED_AT = 128;
    private static final int NOTSENT_BYTES_AT = 144;
    private static final int BYTES_SENT_AT = 200;
    private static final int BYTES_RETRANS_AT = 208;
    private static final int LENGTH = 216;

    /**
     * Asks the kernel.
     *
     * @throws IOException if the socket is not one of TCP, or the kernel does not count
     */
    public static TcpCounts of(Socket socket) throws IOException {
        ByteBuffer info = info(socket);
        return new TcpCounts(info.getLong(BYTES_RECEIVED_AT), written(info));
    }

    /**
     * Whether the system on the other side has taken all bytes written to the connection. A process there may still not
     * have read them.
     *
     * @throws IOException as {@link #of}
     */
    public static boolean isAcknowledged(Socket socket) throws IOException {
        ByteBuffer info = info(socket);
        return written(info) <= info.getLong(BYTES_ACKED_AT);
    }

    private static long written(ByteBuffer info) throws IOException {
        if (info.getLong(BYTES_RETRANS_AT) < 0) {
            throw new IOException("this kernel does not tell how many bytes were sent; Linux 4.19 and later do");
        }
        // The number of sent bytes includes those sent again.
        return info.getLong(BYTES_SENT_AT) - info.getLong(BYTES_RETRANS_AT) + unsent(info);
    }

    /** The written bytes that have not left. The end of this side waits behind them, and counts as one more of them. */
    private static int unsent(ByteBuffer info) {
        int unsent = info.getInt(NOTSENT_BYTES_AT);
        return switch (info.get(0)) {
            case FIN_WAIT1, LAST_ACK, CLOSING -> Math.max(0, unsent - 1);
            default -> unsent;
        };
    }

    /**
     * Asks the kernel how many bytes all processes have read from the connection since it began. No other process may
     * read at the same time.
     *
     * @throws IOException if the connection has ended, or the other side sends too fast for an exact count
     */
    public static long read(Socket socket) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            long before = info(socket).getLong(BYTES_RECEIVED_AT);
            int unread = Descriptors.available(socket.intValue());
            ByteBuffer info = info(socket);
            if (info.get(0) == CLOSE) {
                throw new IOException("the client has gone");
            }
            if (info.getLong(BYTES_RECEIVED_AT) == before) {
                // The other side's end counts as one byte that has arrived, and never as one to be read.
                return before - (info.get(0) == CLOSE_WAIT ? 1 : 0) - unread;
            }
        }
        throw new IOException("the client does not stop sending");
    }

    private static ByteBuffer info(Socket socket) throws IOException {
        byte[] bytes = new byte[LENGTH];
        // An older kernel writes less than it is asked for.
        Arrays.fill(bytes, (byte) -1);
        ByteBuffer info = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        try {
            socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info);
        } catch (RuntimeException e) {
            // Netty's exception for a refused system call.
            throw new IOException("descriptor " + socket.intValue() + " tells no counts of TCP", e);
        }
        return info;
    }
}
