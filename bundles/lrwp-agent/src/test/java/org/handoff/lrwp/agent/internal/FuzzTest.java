package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

import org.handoff.http.routing.ContextTable;
import org.handoff.lrwp.agent.internal.application.Application;
import org.handoff.lrwp.agent.internal.application.ApplicationTable;
import org.handoff.lrwp.protocol.CgiHead;
import org.handoff.lrwp.protocol.MalformedHeadException;
import org.handoff.lrwp.protocol.ProtocolException;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.ResponseDecoder;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.lrwp.protocol.StartupParser;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What peers may send that nobody would think of, from a generator with fixed seeds and a fixed number of rounds. A
 * seed that found a fault once is added here and stays.
 */
@Timeout(300)
class FuzzTest {

    private static final int DECODER_ROUNDS = 30_000;
    private static final int PEER_ROUNDS = 250;
    private static final Path LOG = Path.of(System.getProperty("org.slf4j.simpleLogger.logFile"));

    private static final List<String> STARTUPS = List.of(
            "dump\u00FF\u00FF\u00FF",
            "dump\u00FF\u00FF",
            "\u00FF2.0\u00FFdump\u00FF\u00FF",
            ".php\u00FFhost\u00FFfilter\u00FF",
            "\u00FF3.0\u00FFa\u00FFb\u00FF");
    private static final List<String> RESPONSES = List.of(
            "000000030Content-type: text/plain\n\nbody",
            "000000017Status: 404\n\nbody",
            "000000000",
            "000000015Location: /x\n\n",
            "000000012Set-Cookie: ",
            "000000048Content-type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n",
            "999999999a: b\n\n");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_071_204})
    void parsersThrowWhatTheySay(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < DECODER_ROUNDS; round++) {
            readStartup(random, mutate(random, pick(random, STARTUPS)));
            readResponses(random, mutate(random, pick(random, RESPONSES) + pick(random, RESPONSES)));
        }
    }

    private static void readStartup(Random random, byte[] bytes) {
        StartupParser parser = new StartupParser(ContextTable::validContext);
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes).limit(0);
            Startup startup = null;
            while (in.limit() < bytes.length && startup == null) {
                in.limit(Math.min(bytes.length, in.limit() + 1 + random.nextInt(8)));
                startup = parser.read(in);
            }
            if (startup == null && parser.isEnough()) {
                startup = parser.startup();
            }
            if (startup != null) {
                // Whatever is accepted has a place in the table.
                ApplicationTable.of(List.of(new Application(null, startup.name(), startup.host())))
                        .find(startup.host(), "/x.php");
            }
        } catch (RefusedException e) {
            assertTrue(e.refusal().answer(true).length > 0);
        }
    }

    private static void readResponses(Random random, byte[] bytes) {
        ResponseDecoder decoder = new ResponseDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes).limit(0);
        try {
            while (in.limit() < bytes.length) {
                in.limit(Math.min(bytes.length, in.limit() + 1 + random.nextInt(16)));
                decoder.read(in, new Ignoring());
            }
        } catch (ProtocolException e) {
            assertTrue(e.getMessage().chars().allMatch(c -> c >= ' ' && c < 127), "fit for the log: " + e.getMessage());
        }
    }

    /** Peers that say anything, at any time, and go as they like, while clients ask. */
    @Test
    void agentOutlivesItsPeers() throws Exception {
        long logged = Files.exists(LOG) ? Files.size(LOG) : 0;
        try (Server server = new Server("startup.timeout", "5", "peer.timeout", "5", "queue.timeout", "5");
                TestPeer good = server.peer("good");
                Client client = server.client()) {
            await("context", () -> server.agent.contexts().size() == 1);
            // So that the monitor has accepted the client, and everything is loaded.
            exchange(good, client, "first");
            OpenDescriptors descriptors = OpenDescriptors.now();
            List<String> threads = threads();
            Random random = new Random(7);
            for (int round = 0; round < PEER_ROUNDS; round++) {
                round(server, random);
                // Between two of them all is well for others.
                exchange(good, client, "" + round);
            }
            await("end of all peers but one", () -> server.agent.peers().size() == 1);
            await("end of all contexts but one", () -> server.agent.contexts().size() == 1);
            descriptors.awaitNoneSince();
            awaitEquals("the agent's threads", threads, FuzzTest::threads);
        }
        String lines = Files.readString(LOG, ISO_8859_1).substring((int) logged);
        assertEquals("", lines.lines().filter(line -> line.contains(" ERROR ")).collect(Collectors.joining("\n")));
    }

    private static void exchange(TestPeer peer, Client client, String text) throws IOException {
        client.get("/good/" + text);
        peer.serve("Content-type: text/plain\n\n" + text);
        assertEquals(text, client.answer().text());
    }

    private static void round(Server server, Random random) throws IOException {
        try (TestPeer peer = new TestPeer(server.agent.port());
                Client client = server.client()) {
            if (random.nextInt(4) == 0) {
                peer.send(mutate(random, pick(random, STARTUPS)));
            } else {
                peer.send("dump\u00FF\u00FF\u00FF");
                peer.expect("OK");
                client.send(
                        random.nextBoolean()
                                ? "GET /dump HTTP/1.1\r\nHost: h\r\n\r\n"
                                : "POST /dump HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
                if (random.nextInt(3) > 0) {
                    peer.request();
                }
                peer.send(mutate(random, pick(random, RESPONSES)));
            }
            if (random.nextBoolean()) {
                peer.socket.setSoLinger(true, 0);
            }
            if (random.nextBoolean()) {
                client.socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // The agent has closed the connection: its right.
        }
    }

    private static String pick(Random random, List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** Some bytes other, some gone, some twice, and some that nobody expects. */
    private static byte[] mutate(Random random, String text) {
        StringBuilder bytes = new StringBuilder(text);
        for (int i = random.nextInt(4); i > 0 && bytes.length() > 0; i--) {
            int at = random.nextInt(bytes.length());
            switch (random.nextInt(5)) {
                case 0 -> bytes.setCharAt(at, (char) random.nextInt(256));
                case 1 -> bytes.deleteCharAt(at);
                case 2 -> bytes.insert(at, bytes.substring(at));
                case 3 -> bytes.insert(at, "\r\n\0\u00FF:/. 0".charAt(random.nextInt(9)));
                default -> bytes.setLength(at);
            }
        }
        return bytes.toString().getBytes(ISO_8859_1);
    }

    /** Those of the monitor and of the agent: the JVM starts and ends its own at any time. */
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("handoff-"))
                .sorted()
                .toList();
    }

    private static final class Ignoring implements ResponseDecoder.Receiver {

        @Override
        public void head(CgiHead head, long length) {
            head.fields().forEach(field -> assertTrue(field.getValue().chars().noneMatch(c -> c == '\r' || c == '\n')));
        }

        @Override
        public void unusable(MalformedHeadException reason) {
            // Skipped, and the next one is found.
        }

        @Override
        public void document(int position, int length) {
            // Nothing to be seen.
        }

        @Override
        public void end() {
            // Goes on with the next.
        }

        @Override
        public void brokenOff() {
            // Goes on with the next.
        }
    }
}
