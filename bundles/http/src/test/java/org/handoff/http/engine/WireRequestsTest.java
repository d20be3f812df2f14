package org.handoff.http.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of the corpus is one request as it comes over the wire; its name begins with the status that it is
 * answered with. Every request comes once in one piece and once byte by byte, which must make no difference.
 */
class WireRequestsTest {

    private static final Path CORPUS = Path.of("src/test/resources/requests");

    static Stream<Path> valid() throws Exception {
        return files("valid");
    }

    static Stream<Path> invalid() throws Exception {
        return files("invalid");
    }

    private static Stream<Path> files(String folder) throws Exception {
        try (Stream<Path> files = Files.list(CORPUS.resolve(folder))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("valid")
    void answersAndIsReadyForMore(Path file) throws Exception {
        byte[] wire = Files.readAllBytes(file);
        for (int step : new int[] {wire.length, 1}) {
            Run run = run(wire, step);
            assertTrue(run.answer.startsWith("HTTP/1.1 " + status(file)), run.answer);
            assertEquals(1, run.handled.size());
        }
        String text = new String(wire, StandardCharsets.ISO_8859_1);
        boolean persistent = !text.contains("HTTP/1.0") && !text.contains("Connection: close");
        if (persistent) {
            byte[] twice = new byte[2 * wire.length];
            System.arraycopy(wire, 0, twice, 0, wire.length);
            System.arraycopy(wire, 0, twice, wire.length, wire.length);
            assertEquals(2, run(twice, twice.length).handled.size());
        }
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void refusesAndCallsNoHandler(Path file) throws Exception {
        byte[] wire = Files.readAllBytes(file);
        for (int step : new int[] {wire.length, 1}) {
            Run run = run(wire, step);
            assertTrue(run.answer.startsWith("HTTP/1.1 " + status(file)), run.answer);
            assertTrue(run.answer.contains("\r\nConnection: close\r\n"), run.answer);
            assertEquals(run.answer.indexOf("HTTP/1.1"), run.answer.lastIndexOf("HTTP/1.1"), run.answer);
            assertEquals(List.of(), run.handled);
            assertTrue(run.closed);
            if (new String(wire, StandardCharsets.ISO_8859_1).startsWith("HEAD ")) {
                assertTrue(run.answer.endsWith("\r\n\r\n"), run.answer);
            }
        }
    }

    private static String status(Path file) {
        return file.getFileName().toString().substring(0, 3) + " ";
    }

    private record Run(String answer, List<String> handled, boolean closed) {}

    private static Run run(byte[] wire, int step) {
        HttpLimits d = HttpLimits.defaults();
        HttpLimits limits = new HttpLimits(
                200,
                400,
                1000,
                100,
                d.memory(),
                d.headerTime(),
                d.bodyTime(),
                d.idleTime(),
                d.writeTime(),
                d.spool(),
                d.tempDir());
        EmbeddedChannel channel = new EmbeddedChannel();
        List<String> handled = new ArrayList<>();
        Router router = target -> new Router.Route("/", (request, response) -> handled.add(request.method()));
        try (HttpEngine engine =
                new HttpEngine(channel.eventLoop(), limits, new MemoryBudget(limits.memory()), router, Runnable::run)) {
            HttpConnection.Owner owner = new HttpConnection.Owner() {
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
                    // Told by the channel.
                }
            };
            engine.serve(channel, Unpooled.EMPTY_BUFFER, owner);
            channel.runPendingTasks();
            for (int at = 0; at < wire.length && channel.isOpen(); at += step) {
                channel.writeInbound(Unpooled.copiedBuffer(wire, at, Math.min(step, wire.length - at)));
                channel.runPendingTasks();
            }
            StringBuilder answer = new StringBuilder();
            for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
                answer.append(part.toString(StandardCharsets.ISO_8859_1));
                part.release();
            }
            return new Run(answer.toString(), handled, !channel.isOpen());
        } finally {
            channel.close();
        }
    }
}
