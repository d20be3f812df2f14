package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.netty.channel.unix.Socket;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;
import org.handoff.testkit.Await;

/** A target that is its own worker: it serves connections in this process, by their descriptors' numbers. */
final class TestTarget implements Target {

    /** A connection as it was offered. */
    record Offer(Connection connection, String received) {

        /** Writes a response as the process that holds the connection would. */
        void respond(String body) throws IOException {
            byte[] bytes =
                    ("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(ISO_8859_1);
            ByteBuffer buffer =
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            new Socket(connection.descriptor()).send(buffer, 0, buffer.limit());
        }

        /** Reads what is in the socket now, as the process that holds the connection would. */
        String read() throws IOException {
            ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
            int bytes = new Socket(connection.descriptor()).recv(buffer, 0, buffer.capacity());
            byte[] read = new byte[Math.max(0, bytes)];
            buffer.get(0, read);
            return new String(read, ISO_8859_1);
        }
    }

    final BlockingQueue<Offer> offers = new LinkedBlockingQueue<>();
    final AtomicInteger closed = new AtomicInteger();

    volatile boolean takesUnread = true;

    /** What it does with the next connections. */
    volatile Consumer<Connection> action = this::hold;

    void hold(Connection connection) {
        connection.handedOff(ended -> closed.incrementAndGet());
    }

    @Override
    public boolean takesUnread() {
        return takesUnread;
    }

    @Override
    public void take(Connection connection) {
        // Noted first: the action may have it offered again at once.
        offers.add(new Offer(
                connection, ISO_8859_1.decode(connection.unused().rest()).toString()));
        action.accept(connection);
    }

    Offer next() throws InterruptedException {
        Offer offer = offers.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(offer, "no connection was offered in time");
        return offer;
    }
}
