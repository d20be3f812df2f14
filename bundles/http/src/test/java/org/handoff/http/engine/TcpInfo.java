package org.handoff.http.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.netty.channel.epoll.LinuxSocket;

/** What the kernel counts for a socket, by {@code struct tcp_info} of {@code linux/tcp.h}. */
enum TcpInfo {
    /** Packets sent and not acknowledged. */
    UNACKED(24),
    /** Bytes that have arrived. */
    BYTES_RECEIVED(128),
    /** Packets that have arrived, with bytes or without. */
    SEGS_IN(140);

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    private final int offset;

    TcpInfo(int offset) {
        this.offset = offset;
    }

    int of(LinuxSocket socket) throws IOException {
        ByteBuffer info =
                ByteBuffer.wrap(new byte[SEGS_IN.offset + Integer.BYTES]).order(ByteOrder.nativeOrder());
        socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info);
        return info.getInt(offset);
    }
}
