package org.handoff.http.internal.response;

import java.io.IOException;

import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection in the midst of a response by a reset: after an orderly end, a response whose body ends with the
 * connection would look complete.
 */
public final class ConnectionReset {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionReset.class);

    private ConnectionReset() {}

    /** Resets the connection. Closing would not, even with SO_LINGER, as another process holds the socket too. */
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
