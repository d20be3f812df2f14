package org.handoff.lrwp.agent.internal.peer;

import java.io.IOException;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import org.handoff.socket.TcpCounts;

/**
 * Finds out whether the other system has taken all bytes written to a connection. The system of a peer that has ended
 * refuses further bytes, which the peer has not read. So this is known at the end of a connection, and need not be
 * asked before each request.
 */
final class Delivery {

    private Delivery() {}

    /**
     * Asks the kernel.
     *
     * @param channel an accepted connection, not closed on this side
     * @return true also if that cannot be known
     */
    static boolean isComplete(Channel channel) {
        if (!(channel instanceof EpollSocketChannel epoll) || !channel.isOpen()) {
            return true;
        }
        try {
            return TcpCounts.isAcknowledged((Socket) epoll.fd());
        } catch (IOException e) {
            return true;
        }
    }
}
