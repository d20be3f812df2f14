package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.loop.SteadyIo;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each request of http's corpus comes to the monitor where nobody has its context, to the engine as workers run it, and
 * to a peer: what one of them refuses, all refuse with the same status, and where one ends the connection, all do. But
 * for a request with a body, behind which the monitor ends the connection, and leaves the body unread.
 */
@Timeout(300)
class OneReadingTest {

    private static final Path CORPUS = Path.of("..", "http", "src", "test", "resources", "requests");
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int LONGEST_HEADER = 44 * 1024;

    private static TestMonitor monitor;
    private static Worker worker;
    private static Server server;
    private static TestPeer peer;

    /** The engine on a port of its own, with a thread for handlers, as in a worker. */
    private static final class Worker implements AutoCloseable {

        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, SteadyIo.newFactory());
        private final ExecutorService handlers = Executors.newSingleThreadExecutor();
        private final HttpEngine engine;
        private final Channel listener;

        Worker() {
            HttpLimits limits = HttpLimits.from(Map.of(
                    "http.request.line",
                    Integer.toString(LONGEST_LINE),
                    "http.header",
                    Integer.toString(LONGEST_HEADER)));
            Router router = target -> new Router.Route("/", (request, response) -> response.send("worker"));
            engine = new HttpEngine(group.next(), limits, new MemoryBudget(limits.memory()), router, handlers);
            listener = new ServerBootstrap()
                    .group(group)
                    .channel(EpollServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                        @Override
                        protected void initChannel(EpollSocketChannel channel) {
                            engine.serve(channel, channel.alloc().buffer(0), new Nobody());
                        }
                    })
                    .bind(new InetSocketAddress("127.0.0.1", 0))
                    .syncUninterruptibly()
                    .channel();
        }

        int port() {
            return ((InetSocketAddress) listener.localAddress()).getPort();
        }

        @Override
        public void close() {
            listener.close().syncUninterruptibly();
            group.next().submit(engine::close).syncUninterruptibly();
            group.shutdownGracefully().syncUninterruptibly();
            handlers.shutdown();
        }
    }

    /** Keeps no connection for anybody. */
    private static final class Nobody implements HttpConnection.Owner {

        @Override
        public void state(HttpConnection.State state) {
            // Not of interest.
        }

        @Override
        public void released(ByteBuf unread, long inFile, HttpConnection.Reason reason) {
            unread.release();
        }

        @Override
        public void closed() {
            // The client sees it.
        }
    }

    @BeforeAll
    static void start() throws IOException {
        monitor = new TestMonitor();
        Target never = connection -> connection.answer(500);
        monitor.add(never, 1, "/elsewhere/a");
        monitor.add(connection -> never.take(connection), 2, "/elsewhere/b");
        worker = new Worker();
        server = new Server(
                "http.request.line", Integer.toString(LONGEST_LINE), "http.header", Integer.toString(LONGEST_HEADER));
        peer = server.peer("/");
        Thread answers = new Thread(() -> {
            try {
                while (true) {
                    peer.request();
                    peer.answer("Content-Type: text/plain\r\n\r\npeer");
                }
            } catch (IOException | RuntimeException e) {
                // The test is over.
            }
        });
        answers.setDaemon(true);
        answers.start();
    }

    @AfterAll
    static void stop() throws Exception {
        peer.close();
        server.close();
        worker.close();
        monitor.close();
    }

    static Stream<Path> valid() throws IOException {
        return files("valid");
    }

    static Stream<Path> refused() throws IOException {
        // Those that are too long are so for smaller limits than these.
        return files("invalid").filter(file -> !file.getFileName().toString().matches("(413|414|431).*"));
    }

    private static Stream<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(folder))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("valid")
    void whatIsServedIs404WhereNobodyHasIt(Path file) throws Exception {
        String request = Files.readString(file, ISO_8859_1);
        String served = exchange(worker.port(), request);
        assertEquals("200", status(served), served);
        assertEquals("200", status(exchange(server.monitor.port(), request)));
        String answer = exchange(monitor.port(), request);
        assertEquals("404", status(answer), answer);
        assertEquals(goesOn(served), goesOn(exchange(server.monitor.port(), request)), "with a peer");
        assertEquals(goesOn(served) && !hasBody(request), goesOn(answer), answer);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatOneRefusesAllRefuse(Path file) throws Exception {
        refusedByAll(file.getFileName().toString().substring(0, 3), Files.readString(file, ISO_8859_1));
    }

    private static void refusedByAll(String status, String request) throws IOException {
        for (int port : new int[] {worker.port(), server.monitor.port()}) {
            String answer = exchange(port, request);
            assertEquals(status, status(answer), answer);
            assertFalse(goesOn(answer), answer);
            assertEquals(request.startsWith("HEAD "), answer.endsWith("\r\n\r\n"), answer);
        }
        String answer = exchange(monitor.port(), request);
        assertFalse(goesOn(answer), answer);
        // Whether a body is good is seen by who reads it.
        String expected = status(answer).equals("404") && hasBody(request) ? "404" : status;
        assertEquals(expected, status(answer), answer);
        assertEquals(request.startsWith("HEAD "), answer.endsWith("\r\n\r\n"), answer);
    }

    @Test
    void aRequestLineThatIsTooLongIs414() throws Exception {
        refusedByAll("414", "GET /" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        refusedByAll("414", "HEAD /" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    @Test
    void aHeaderThatIsTooLongIs431() throws Exception {
        String header = "Host: h\r\n" + ("X: " + "a".repeat(995) + "\r\n").repeat(60);
        refusedByAll("431", "GET / HTTP/1.1\r\n" + header + "\r\n");
        refusedByAll("431", "HEAD / HTTP/1.1\r\n" + header + "\r\n");
    }

    @Test
    void aHandshakeOfTlsIsRefusedBeforeItsEnd() throws Exception {
        for (int port : new int[] {worker.port(), server.monitor.port(), monitor.port()}) {
            try (Client client = new Client(port)) {
                client.send("\u0016");
                String answer = new String(client.in().readAllBytes(), ISO_8859_1);
                assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            }
        }
    }

    private static boolean hasBody(String request) {
        return request.matches("(?is).*\r\n(content-length|transfer-encoding) *:.*")
                && !request.matches("(?is).*\r\ncontent-length: *0\r\n.*");
    }

    private static String status(String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 "), answer);
        return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    }

    /** Whether the request behind it was answered too. */
    private static boolean goesOn(String answer) {
        return answer.indexOf("HTTP/1.1 ", 1) > 0;
    }

    /** Everything that comes in answer to a request, and to one more behind it, until the server ends the connection. */
    private static String exchange(int port, String request) throws IOException {
        try (Client client = new Client(port)) {
            try {
                client.send(request + NEXT);
            } catch (SocketException e) {
                // Refused before its end; the answer is there.
            }
            return new String(client.in().readAllBytes(), ISO_8859_1);
        }
    }
}
