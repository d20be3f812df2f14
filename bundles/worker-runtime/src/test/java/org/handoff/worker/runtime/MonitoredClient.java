package org.handoff.worker.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

import io.netty.channel.unix.Socket;
import org.handoff.testkit.Client;

/** A connected client, and the descriptor by which the monitor holds the other end. */
final class MonitoredClient extends Client {

    private final int descriptor;

    MonitoredClient() throws IOException {
        this(Ends.connected());
    }

    private MonitoredClient(Ends ends) throws IOException {
        super(ends.client);
        descriptor = ends.monitors;
    }

    /** Both ends of a connection. */
    private record Ends(java.net.Socket client, int monitors) {

        static Ends connected() throws IOException {
            Socket server = Socket.newSocketStream();
            try {
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                server.listen(1);
                java.net.Socket client = new java.net.Socket();
                client.connect(server.localAddress());
                return new Ends(client, server.accept(new byte[64]));
            } finally {
                server.close();
            }
        }
    }

    int descriptor() {
        return descriptor;
    }

    /** Receives one response: "200 body". */
    String statusAndBody() throws IOException {
        Answer answer = answer();
        return answer.status() + " " + answer.text();
    }

    @Override
    public void close() throws IOException {
        super.close();
        new Socket(descriptor).close();
    }
}
