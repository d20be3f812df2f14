package org.handoff.lrwp.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;

/**
 * Whether the other system has taken all that was written to a connection, by the kernel's counts ({@code struct
 * tcp_info} in {@code linux/tcp.h}). A process that has ended takes nothing: its system refuses what comes then, and
 * nobody has read it. So it is known at the end of a connection, and need not be asked before each request.
 */
final class Delivery {

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int BYTES_ACKED_AT = 120;
    private static final int NOTSENT_BYTES_AT = 144;
    private static final int BYTES_SENT_AT = 200;
    private static final int BYTES_RETRANS_AT = 208;
    private static final RawUnixChannelOption INFO = new RawUnixChannelOption("TCP_INFO", IPPROTO_TCP, TCP_INFO, 216);

    private Delivery() {
    }

    /**
     * Asks the kernel.
     *
     * @param channel a connection that was accepted, not closed on this side
     * @return true also where that cannot be known
     */
    static boolean isComplete(Channel channel) {
        if (!(channel instanceof EpollSocketChannel epoll) || !channel.isOpen()) {
            return true;
        }
        try {
            ByteBuffer info = epoll.config().getOption(INFO).order(ByteOrder.nativeOrder());
            // Sent counts what was sent again too.
            long written = info.getLong(BYTES_SENT_AT) - info.getLong(BYTES_RETRANS_AT) + info.getInt(NOTSENT_BYTES_AT);
            return written <= info.getLong(BYTES_ACKED_AT);
        } catch (ChannelException e) {
            return true;
        }
    }
}
