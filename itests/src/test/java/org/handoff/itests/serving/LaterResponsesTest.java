package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.itests.handlers.news.News;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Table;
import org.handoff.testkit.Client;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Responses that are given after their handler has returned: they hold no worker, and outlive what they can. */
@ExtendWith(OurKaraf.class)
class LaterResponsesTest {

    private static final String CFG = "org.handoff.pool-news.cfg";
    private static final String JAR = "news.jar";
    /** Several on each of the two workers, which have a thread for handlers each. */
    private static final int STREAMS = 6;

    private final Karaf karaf;

    LaterResponsesTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeEach
    void deploy() throws Exception {
        // Six of the eight seconds are for what is to end by itself; two are left for a busy machine.
        karaf.write(CFG, "kind = java\nworkers = 2\ndrain.timeout = 8\n");
        karaf.deployAndAwait(HandlerBundle.build("test.news", News.class), JAR, "/news");
        karaf.await("two workers", () -> on().size() == 2);
    }

    @AfterEach
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, "/news");
        karaf.delete(CFG);
        karaf.await("the end of its workers", () -> karaf.workers().size() == 2);
    }

    /** The pool's workers that are on, by their processes. */
    private List<Map<String, String>> on() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row ->
                        row.get("pool").equals("news") && row.get("state").equals("on"))
                .toList();
    }

    /** One client of events. */
    private record Stream(Client client, String pid) implements AutoCloseable {

        static Stream open(Client client, String lastId) throws IOException {
            client.send("GET /news/events HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + lastId + "\r\n\r\n");
            String begin = client.until("\n\n");
            assertTrue(begin.startsWith("HTTP/1.1 200 "), begin);
            assertTrue(begin.contains("id: " + lastId + "\nevent: pid\ndata: "), begin);
            return new Stream(
                    client, begin.substring(begin.lastIndexOf(' ') + 1).strip());
        }

        void awaitEvents(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                client.until("data: tick\n\n");
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    @Test
    void streamsOfEventsHoldNoWorkerAndMoveOnWhenItIsReplaced() throws Exception {
        List<Stream> streams = new ArrayList<>();
        try (Client waiting = new Client(karaf.httpPort())) {
            assertEquals("x".repeat(100_000), form(waiting, "x".repeat(100_000)), "as no other test posts one");
            waiting.get("/news/wait");
            Set<String> former = new HashSet<>();
            for (int i = 0; i < STREAMS; i++) {
                streams.add(Stream.open(new Client(karaf.httpPort()), "1"));
                former.add(streams.get(i).pid());
            }
            for (int i = 0; i < 3 * STREAMS; i++) {
                assertEquals(200, karaf.get("/news").status());
            }
            offAndOn(streams.get(0));

            karaf.shell("worker:recycle news");
            for (Stream stream : streams) {
                stream.client().until("\r\n0\r\n\r\n");
                Stream next = Stream.open(stream.client(), "7");
                // One worker is replaced after the other: the next one of a stream may be about to go.
                while (former.contains(next.pid())) {
                    next.client().until("\r\n0\r\n\r\n");
                    next = Stream.open(next.client(), "7");
                }
                next.awaitEvents(1);
            }
            assertEquals(204, waiting.answer().status());
            assertEquals(200, waiting.get("/news").answer().status());

            Stream last = Stream.open(waiting, "8");
            Signals.send(Long.parseLong(last.pid()), "KILL");
            assertThrows(IOException.class, () -> last.awaitEvents(Integer.MAX_VALUE), "an orderly end would be a lie");
        } finally {
            for (Stream stream : streams) {
                stream.close();
            }
        }
    }

    @Test
    void responsesEndInOrderBySigtermAndWhenKarafStops() throws Exception {
        try (Client waiting = new Client(karaf.httpPort());
                Client client = new Client(karaf.httpPort())) {
            Stream former = Stream.open(client, "1");
            Signals.send(Long.parseLong(former.pid()), "TERM");
            former.awaitEvents(5);
            client.until("\r\n0\r\n\r\n");
            Stream next = Stream.open(client, "2");
            assertNotEquals(former.pid(), next.pid());
            next.awaitEvents(1);

            waiting.get("/news/wait");
            karaf.await(
                    "both connections with workers",
                    () -> on().stream()
                                    .mapToInt(row -> Integer.parseInt(row.get("connections")))
                                    .sum()
                            == 2);
            karaf.restart();
            client.until("\r\n0\r\n\r\n");
            assertTrue(client.atEnd());
            assertEquals(204, waiting.answer().status());
            assertTrue(waiting.atEnd());
            karaf.awaitStatus(200, "/news");
            karaf.awaitStatus(200, "/hello");
        }
    }

    private static String form(Client client, String text) throws IOException {
        String body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + text + "\r\n--b--\r\n";
        return client.send("POST /news/form HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                .answer()
                .text();
    }

    private void offAndOn(Stream stream) throws IOException {
        String id = on().stream()
                .filter(row -> row.get("pid").equals(stream.pid()))
                .findFirst()
                .orElseThrow()
                .get("id");
        karaf.shell("worker:off " + id);
        karaf.await("the worker to be off", () -> on().size() == 1);
        // More than what came before.
        stream.awaitEvents(50);
        karaf.shell("worker:on " + id);
        karaf.await("both workers", () -> on().size() == 2);
    }
}
