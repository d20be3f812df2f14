package org.handoff.http.internal.response;

import java.io.IOException;

import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection in the midst of a response: in order it would look whole to those who take the connection's end for
 * the body's.
 */
public final class ConnectionReset {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionReset.class);

    private ConnectionReset() {}

    /** Resets it. Closing would not, whatever SO_LINGER says, as another process holds the socket too. */
    public static void send(Channel channel) {
        try {
            if (channel instanceof UnixChannel local && local.fd() instanceof Socket socket) {
                socket.disconnect();
            }
        } catch (IOException e) {
            LOG.debug("A connection has ended already", e);
        }
    }
}
