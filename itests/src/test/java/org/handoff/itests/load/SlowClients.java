package org.handoff.itests.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Many clients on one thread, each of which sends or reads one byte a second. They never end a connection themselves,
 * and go on with what they do after the server has answered, as somebody does who means harm.
 */
public final class SlowClients implements AutoCloseable {

    /** What a client is slow at. */
    public enum Kind {
        /** The head of the connection's first request. */
        HEAD("", "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
        /** The head of its second request. */
        NEXT_HEAD(
                "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
        /** A request's body. */
        BODY("POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", ""),
        /** A response that is a file. */
        READER("GET /shelf HTTP/1.1\r\nHost: localhost\r\n\r\n", ""),
        /** A response that its handler streams. */
        STREAM_READER("GET /digest?bytes=" + RESPONSE + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "");

        private final String atOnce;
        private final String slowly;

        Kind(String atOnce, String slowly) {
            this.atOnce = atOnce;
            this.slowly = slowly;
        }

        private boolean reads() {
            return this == READER || this == STREAM_READER;
        }
    }

    /** More than the system buffers for one connection. */
    static final int RESPONSE = 8_000_000;

    private static final int LITTLE = 4096;
    /** They do not all do something in the same moment. */
    private static final int TURNS_A_SECOND = 50;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** One of them; only its end is for other threads. */
    private static final class Client {

        private final Kind kind;
        private final SocketChannel channel;
        private final StringBuilder received = new StringBuilder();
        private int sent;
        /** Since the beginning, in nanoseconds; 0 before the end. */
        private volatile long ended;

        Client(Kind kind, SocketChannel channel) {
            this.kind = kind;
            this.channel = channel;
        }
    }

    private final List<Client> clients = new ArrayList<>();
    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(LITTLE);
    private final Thread thread = new Thread(this::run, "slow-clients");
    private final int port;
    private volatile long begun;
    private volatile boolean closed;
    private volatile IOException failure;

    public SlowClients(int port) throws IOException {
        this.port = port;
    }

    /** Connects some more; before {@link #begin}. */
    public void add(Kind kind, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            // Of the family that the server has, so that the system's table shows one kind of addresses.
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
            Client client = new Client(kind, channel);
            clients.add(client);
            if (kind.reads()) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, LITTLE);
            }
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            write(client, kind.atOnce);
            if (kind.reads()) {
                // So that the handlers' work for the one is done, or nearly, before the next one asks.
                channel.read(buffer.clear().limit(1));
            }
            channel.configureBlocking(false);
            if (!kind.reads()) {
                channel.register(selector, SelectionKey.OP_READ, client);
            }
        }
    }

    /** From here on they are slow, and their time counts. */
    public void begin() {
        begun = System.nanoTime();
        thread.start();
    }

    /** How many of a kind got a response with that status as their last, and then the end of the connection. */
    public long refused(Kind kind, int status) {
        return clients.stream()
                .filter(client -> client.kind == kind && client.ended > 0)
                .filter(client -> last(client).startsWith("HTTP/1.1 " + status))
                .count();
    }

    private static String last(Client client) {
        return client.received.substring(Math.max(0, client.received.lastIndexOf("HTTP/1.1 ")));
    }

    /** The seconds from the beginning to the end of a kind's first and last client. */
    public String ends(Kind kind) {
        return String.format(
                Locale.ROOT,
                "%.1f to %.1f s",
                clients.stream()
                                .filter(c -> c.kind == kind)
                                .mapToLong(c -> c.ended)
                                .min()
                                .orElse(0)
                        / (double) SECOND,
                lastEnd(kind));
    }

    /** The seconds from the beginning to the end of a kind's last client. */
    public double lastEnd(Kind kind) {
        return clients.stream()
                        .filter(client -> client.kind == kind)
                        .mapToLong(client -> client.ended)
                        .max()
                        .orElse(0)
                / (double) SECOND;
    }

    /** Seconds since these clients began. */
    public double seconds() {
        return (System.nanoTime() - begun) / (double) SECOND;
    }

    /** What went wrong with the clients themselves, or null. */
    public IOException failure() {
        return failure;
    }

    /**
     * Stops, lets each reader read what is left at once, and counts those who find next to nothing: whose response was
     * cut, and is not in the system's buffers either.
     */
    public long readersThatWereCut() throws IOException, InterruptedException {
        stop();
        long cut = 0;
        for (Client client : clients) {
            if (client.kind.reads()) {
                cut += isCut(client) ? 1 : 0;
            }
        }
        return cut;
    }

    private boolean isCut(Client client) throws IOException {
        long bytes = 0;
        client.channel.configureBlocking(true);
        try {
            for (int read = 0; read >= 0; read = client.channel.read(buffer.clear())) {
                bytes += read;
            }
        } catch (IOException e) {
            // A reset: what the server does to who does not read.
        }
        return bytes < RESPONSE / 10;
    }

    private void run() {
        try {
            long next = System.nanoTime();
            for (int turn = 0; !closed; turn = (turn + 1) % TURNS_A_SECOND) {
                for (int i = turn; i < clients.size(); i += TURNS_A_SECOND) {
                    step(clients.get(i));
                }
                next += SECOND / TURNS_A_SECOND;
                for (long left = next - System.nanoTime(); left > 0 && !closed; left = next - System.nanoTime()) {
                    selector.select(this::readable, Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
                }
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    private void step(Client client) throws IOException {
        if (!client.channel.isOpen()) {
            return;
        }
        try {
            if (client.kind.reads()) {
                client.channel.read(buffer.clear().limit(1));
            } else {
                String text = client.kind.slowly;
                write(client, client.sent < text.length() ? text.substring(client.sent, client.sent + 1) : "x");
                client.sent++;
            }
        } catch (IOException e) {
            end(client);
            client.channel.close();
        }
    }

    private void readable(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            int read = client.channel.read(buffer.clear());
            if (read < 0) {
                end(client);
                key.cancel();
            }
            client.received.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        } catch (IOException e) {
            end(client);
            key.cancel();
        }
    }

    private void end(Client client) {
        if (client.ended == 0) {
            client.ended = System.nanoTime() - begun;
        }
    }

    private static void write(Client client, String text) throws IOException {
        client.channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private void stop() throws InterruptedException {
        closed = true;
        selector.wakeup();
        thread.join();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
        for (Client client : clients) {
            client.channel.close();
        }
        selector.close();
    }
}
