package org.handoff.lrwp.agent.internal.peer;

import java.io.IOException;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import org.handoff.socket.TcpCounts;

/**
 * Whether the other system has taken all that was written to a connection. A process that has ended takes nothing: its
 * system refuses what comes then, and nobody has read it. So it is known at the end of a connection, and need not be
 * asked before each request.
 */
final class Delivery {

    private Delivery() {}

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
            return TcpCounts.isAcknowledged((Socket) epoll.fd());
        } catch (IOException e) {
            return true;
        }
    }
}
