package org.handoff.http.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection.Reason;
import org.handoff.http.HttpConnection.State;
import org.handoff.http.KeptBody;
import org.handoff.http.Router;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections whose first bytes are in a file, because somebody else has received them. */
@Timeout(300)
class SpillInputTest {

    /** A head and 300,000 bytes. */
    private static final String LARGE = large(300_000);

    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

    private static String large(int length) {
        StringBuilder body = new StringBuilder();
        new Random(length).ints(length, 'a', 'z' + 1).forEach(body::appendCodePoint);
        return "POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" + body;
    }

    private static String body(String wire) {
        return wire.substring(wire.indexOf("\r\n\r\n") + 4);
    }

    @TempDir
    Path folder;

    private final CountDownLatch go = new CountDownLatch(1);
    private Served server;
    private Client client;
    private FileChannel file;

    @BeforeEach
    void start() throws Exception {
        server = new Served(HttpLimits.defaults(), (request, response) -> {
            if (request.path().equals("/wait")) {
                go.await();
            }
            response.send(request.path() + " " + new String(request.body().readAllBytes(), ISO_8859_1));
        });
    }

    @AfterEach
    void stop() throws Exception {
        go.countDown();
        client.close();
        file.close();
        server.close();
    }

    /** A connection with so many bytes in a file, behind others that are nobody's, and the next ones read. */
    private Served.Watched serve(String wire, int inFile, int received, boolean ended) throws Exception {
        return serve(wire, inFile, received, ended, false);
    }

    private Served.Watched serve(String wire, int inFile, int received, boolean ended, boolean keeps) throws Exception {
        EpollSocketChannel channel = released();
        client.send(wire.substring(inFile + received));
        if (ended) {
            client.socket.shutdownOutput();
        }
        Path path = folder.resolve("file");
        Files.writeString(path, "nobody's" + wire.substring(0, inFile), ISO_8859_1);
        file = FileChannel.open(path, StandardOpenOption.READ);
        return server.serve(
                channel, new FileInput(file, 8, 8L + inFile), wire.substring(inFile, inFile + received), keeps);
    }

    /** The client's connection, which nobody serves. */
    private EpollSocketChannel released() throws IOException {
        client = server.client();
        client.get("/");
        client.answer();
        Served.Watched before = server.connection();
        before.connection.release();
        await("release", () -> before.ends > 0);
        return before.channel;
    }

    @Test
    void whatIsInTheFileComesBeforeWhatWasReadAndWhatIsRead() throws Exception {
        for (int inFile : new int[] {1, 30, 100, 65_536, 200_000, LARGE.length()}) {
            Served.Watched connection = serve(LARGE + NEXT, inFile, 20, false);
            assertTrue(client.answer().text().equals("/large " + body(LARGE)), inFile + " bytes in the file");
            assertEquals("/next ", client.answer().text());
            client.get("/more");
            assertEquals("/more ", client.answer().text());
            assertEquals(0, connection.ends);
            client.close();
            await("end", () -> connection.ends == 1);
            file.close();
        }
    }

    @Test
    void pipelinedRequestsInTheFileAreAnsweredInOrder() throws Exception {
        Served.Watched connection = serve(LARGE + NEXT.repeat(1000) + LARGE, LARGE.length() + 20_000, 1000, false);
        assertTrue(client.answer().text().equals("/large " + body(LARGE)));
        for (int i = 0; i < 1000; i++) {
            assertEquals("/next ", client.answer().text(), "number " + i);
        }
        assertTrue(client.answer().text().equals("/large " + body(LARGE)));
        assertEquals(0, connection.connection.readAhead());
    }

    @Test
    void aClientThatHasClosedItsSideIsAnswered() throws Exception {
        // So much in the file that Netty comes to read the socket meanwhile, which it does on its own in this case.
        String wire = large(5_000_000);
        serve(wire, 4_900_000, 1000, true);
        assertTrue(client.answer().text().equals("/large " + body(wire)), "each byte in its place");
        assertTrue(client.atEnd());
    }

    @Test
    void whatIsNotReadYetCountsAsReadAhead() throws Exception {
        String wait = NEXT.replace("/next", "/wait");
        Served.Watched connection = serve(wait + LARGE, 200_000, 100, false);
        await("the first request", () -> connection.states.contains(State.HANDLING));
        // All but the first request, and what has come from the socket beyond.
        assertEquals(200_100 - wait.length(), connection.connection.readAhead());
        go.countDown();
        assertEquals("/wait ", client.answer().text());
        assertTrue(client.answer().text().equals("/large " + body(LARGE)));
    }

    @Test
    void aReleaseTellsHowMuchOfTheFileIsNotUsed() throws Exception {
        Served.Watched connection = serve(LARGE.replace("/large", "/foreign"), 200_000, 100, false);
        await("release", () -> connection.ends > 0);
        assertEquals(Reason.FOREIGN, connection.reason);
        assertEquals(200_000, connection.inFile);
        assertEquals(100, connection.unread.length());
    }

    @Test
    void aRequestThatItsOwnerKeepsIsReleasedThoughItIsLarge() throws Exception {
        Served.Watched connection = serve(LARGE.substring(0, 250_000), 200_000, 100, false, true);
        await("the socket's bytes", () -> connection.received > 49_000);
        connection.connection.release();
        await("release", () -> connection.ends > 0);
        assertEquals(Reason.REQUESTED, connection.reason);
        assertEquals("", connection.unread, "all of it was used");
    }

    @Test
    void theBodyThatItsOwnerHasKeptIsReadFromThere() throws Exception {
        server.engine.router(target -> new Router.Route(
                "/", (request, response) -> response.send(request.body().readAllBytes())));
        Served.Watched connection =
                serve(LARGE.substring(0, LARGE.length() - 5), LARGE.length() - 100, 20, false, true);
        CountDownLatch closed = new CountDownLatch(1);
        int head = LARGE.indexOf("\r\n\r\n") + 4;
        connection.kept = new KeptBody(
                new FileInput(file, 8 + head, 8L + LARGE.length() - 100),
                Unpooled.copiedBuffer(LARGE.substring(LARGE.length() - 100), ISO_8859_1),
                closed::countDown);
        client.send(LARGE.substring(LARGE.length() - 5));
        assertEquals(LARGE.substring(head), client.answer().text());
        closed.await();
    }

    @Test
    void aFileThatIsTooShortEndsTheConnection() throws Exception {
        EpollSocketChannel channel = released();
        Path path = Files.writeString(folder.resolve("file"), LARGE.substring(0, 100_000));
        file = FileChannel.open(path, StandardOpenOption.READ);
        server.serve(channel, new FileInput(file, 0, 200_000), "", false);
        assertTrue(client.atEnd());
    }
}
