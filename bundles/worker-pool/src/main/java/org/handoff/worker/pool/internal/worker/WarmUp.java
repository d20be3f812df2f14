package org.handoff.worker.pool.internal.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEventLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests paths of a worker that has said READY, before clients may come: one after another, each on a connection of
 * its own, which is handed off like a client's. A failure is logged, and the start goes on. Blocks a thread of its own.
 */
final class WarmUp {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    private static final int MILLIS = 30_000;
    private static final int AGAIN_MILLIS = 10;
    private static final int ERROR = 400;
    private static final long ACCEPT_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final WorkerHandle worker;
    private final WorkerConnections connections;
    private final IoEventLoop loop;
    private final List<String> paths;
    private final IntConsumer done;
    /** The requests that the worker has begun to answer. On the thread of the warm-up only. */
    private int answered;

    /** Whether the worker has ended, so that nothing more is requested of it. */
    private volatile boolean over;

    /**
     * @param done gets the number of answers, on the loop in the end, even if the worker has ended; the worker may be
     *        about to count the last one
     */
    WarmUp(WorkerHandle worker, WorkerConnections connections, IoEventLoop loop, List<String> paths, IntConsumer done) {
        this.worker = worker;
        this.connections = connections;
        this.loop = loop;
        this.paths = paths;
        this.done = done;
    }

    void start() {
        Thread thread = new Thread(this::run, "handoff-warm-up-" + worker.id());
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            LOG.warn("Worker {} is not warmed up, as the system has no thread for that", worker.id(), e);
            done.accept(0);
        }
    }

    private void run() {
        try {
            makeAll();
        } catch (IOException | ChannelException e) {
            LOG.warn("Worker {} is not warmed up, as it cannot be connected to: {}", worker.id(), e.toString());
        } finally {
            int answers = answered;
            onLoop(() -> done.accept(answers));
        }
    }

    /** @throws ChannelException if the process has no descriptors left */
    private void makeAll() throws IOException {
        io.netty.channel.unix.Socket server = io.netty.channel.unix.Socket.newSocketStream();
        try {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.listen(1);
            for (String path : paths) {
                if (!over) {
                    make(path, server);
                }
            }
        } finally {
            close(server);
        }
    }

    private static void close(io.netty.channel.unix.Socket server) {
        try {
            server.close();
        } catch (IOException e) {
            LOG.debug("the socket of a warm-up cannot be closed", e);
        }
    }

    /** @return false if the loop has ended */
    private boolean onLoop(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("the monitor has stopped while worker {} was warmed up", worker.id(), e);
            over = true;
            return false;
        }
    }

    private void make(String path, io.netty.channel.unix.Socket server) {
        WarmUpConnection connection = null;
        try (Socket client = new Socket()) {
            client.setSoTimeout(MILLIS);
            client.connect(server.localAddress(), MILLIS);
            connection = new WarmUpConnection(accept(server, client.getLocalPort()));
            handOff(connection);
            client.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            check(
                    path,
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            LOG.warn("Worker {}: the warm-up request for {} has failed: {}", worker.id(), path, e.toString());
        } finally {
            if (connection != null && !onLoop(connection::end)) {
                // There is nobody to be told.
                connection.cut();
            }
        }
    }

    /**
     * Accepts the connection from that port, which a client of this process has just made: the system may be a moment
     * behind. Other programs of this machine get no connection to a worker past the monitor.
     */
    private static int accept(io.netty.channel.unix.Socket server, int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
        while (System.nanoTime() - deadline < 0) {
            int accepted = server.accept(new byte[64]);
            if (accepted < 0) {
                LockSupport.parkNanos(ACCEPT_NANOS);
                continue;
            }
            io.netty.channel.unix.Socket one = new io.netty.channel.unix.Socket(accepted);
            InetSocketAddress from = one.remoteAddress();
            if (from != null && from.getPort() == port) {
                return accepted;
            }
            one.close();
        }
        throw new IOException("a connection was made and did not arrive within " + MILLIS + " ms");
    }

    private void handOff(WarmUpConnection connection) {
        onLoop(() -> offer(connection));
    }

    /** A worker that takes one request at a time may have to end the former one. */
    private void offer(WarmUpConnection connection) {
        over = !worker.isStarting();
        if (over || !connection.isOpen()) {
            connection.end();
        } else if (!connections.admission().isOpen() || !connections.offer(connection, false)) {
            loop.schedule(() -> offer(connection), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Reads to the end: only then the handler has returned. */
    private void check(String path, BufferedReader response) throws IOException {
        String line = response.readLine();
        if (line == null) {
            LOG.warn(
                    "Worker {}: the warm-up request for {} got no response; has a handler of this pool that path?",
                    worker.id(),
                    path);
            return;
        }
        answered++;
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[1].matches("\\d{3}") || Integer.parseInt(words[1]) >= ERROR) {
            LOG.warn("Worker {}: the warm-up request for {} was answered: {}", worker.id(), path, line);
        }
        response.transferTo(Writer.nullWriter());
    }
}
