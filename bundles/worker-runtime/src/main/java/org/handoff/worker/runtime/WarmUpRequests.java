package org.handoff.worker.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.HttpLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that a worker makes of itself before clients may come, so that its handlers have loaded their classes:
 * each on a connection of its own, through the same engine. A failure is logged, and the start goes on.
 */
final class WarmUpRequests {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUpRequests.class);

    private static final int MILLIS = 30_000;
    private static final int ERROR = 400;

    private final WorkerProcess process;
    private final HttpLimits limits;
    private final Router router;

    WarmUpRequests(WorkerProcess process, HttpLimits limits, Router router) {
        this.process = process;
        this.limits = limits;
        this.router = router;
    }

    /** Makes the requests, one after another. */
    void make(List<String> paths) throws IOException {
        if (paths.isEmpty()) {
            return;
        }
        HttpEngine engine = process.onLoop(() -> process.aside(limits, router));
        io.netty.channel.unix.Socket server = io.netty.channel.unix.Socket.newSocketStream();
        try {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.listen(1);
            for (String path : paths) {
                make(path, engine, server);
            }
        } finally {
            server.close();
            engine.close();
        }
        // A worker whose handler still runs is not ready: its start takes too long.
        process.awaitHandlers();
    }

    private void make(String path, HttpEngine engine, io.netty.channel.unix.Socket server) {
        try (Socket client = new Socket()) {
            client.setSoTimeout(MILLIS);
            client.connect(server.localAddress(), MILLIS);
            int accepted = WarmUp.accept(server);
            process.onLoop(() -> {
                EpollSocketChannel channel = new EpollSocketChannel(accepted);
                return engine.serve(channel, Unpooled.EMPTY_BUFFER, new Owner(channel));
            });
            client.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            check(
                    path,
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            LOG.warn("The warm-up request for {} has failed: {}", path, e.toString());
        }
    }

    /** Reads to the end: only then the handler has returned. */
    private static void check(String path, BufferedReader response) throws IOException {
        String line = response.readLine();
        if (line == null) {
            LOG.warn("The warm-up request for {} got no response: no handler of this pool has that path", path);
            return;
        }
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[1].matches("\\d{3}") || Integer.parseInt(words[1]) >= ERROR) {
            LOG.warn("The warm-up request for {} was answered: {}", path, line);
        }
        response.transferTo(Writer.nullWriter());
    }

    /** A connection unknown to the monitor. */
    private record Owner(EpollSocketChannel channel) implements HttpConnection.Owner {

        @Override
        public void state(HttpConnection.State state) {
            // The connection is in no scoreboard.
        }

        @Override
        public void released(ByteBuf unread, long inFile, HttpConnection.Reason reason) {
            // No other process has the connection: the client's side sees the end.
            unread.release();
            channel.close();
        }

        @Override
        public void closed() {
            // The request asks for the end.
        }
    }
}
