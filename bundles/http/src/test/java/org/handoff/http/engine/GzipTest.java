package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPInputStream;

import io.netty.buffer.UnpooledByteBufAllocator;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.testkit.Client;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class GzipTest {

    private static final byte[] TEXT = "All work and no play. ".repeat(5000).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    private Path file;
    private Served server;

    @BeforeEach
    void serve() throws Exception {
        file = Files.write(folder.resolve("play.txt"), TEXT);
        server = new Served(
                HandlerOptions.from(Map.of("http.gzip", "text/plain application/json", "http.gzip.length", "100")),
                this::answer);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private void answer(Request request, Response response) throws IOException {
        response.contentType("text/plain; charset=utf-8");
        switch (request.path()) {
            case "/bytes" -> response.header("ETag", "\"1\"").send(TEXT);
            case "/stream" -> {
                OutputStream out = response.stream();
                out.write(TEXT, 0, 10);
                out.flush();
                out.write(TEXT, 10, TEXT.length - 10);
            }
            case "/file" -> response.sendFile(request, file);
            case "/shrinking" -> {
                response.send(file);
                Files.write(file, new byte[0]);
            }
            case "/small" -> response.send("small");
            case "/image" -> response.contentType("image/png").send(TEXT);
            case "/coded" -> response.header("Content-Encoding", "br").send(TEXT);
            case "/untouched" ->
                response.header("Cache-Control", "no-transform").send(TEXT);
            case "/failing" -> {
                response.stream().write(TEXT);
                throw new IOException("on purpose");
            }
            default -> response.status(404).send(TEXT);
        }
    }

    @Test
    void shrinkingFileLeavesNoMemory() throws Exception {
        UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
        try (Client client = server.client()) {
            server.connection().channel.config().setAllocator(memory);
            client.send("GET /shrinking HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
            assertEquals(-1, client.in().read());
            await("the end of the connection", () -> server.connection().ends == 1);
        }
        await("the release of all memory", () -> memory.metric().usedDirectMemory() == 0);
    }

    private Client.Answer get(String path, String... fields) throws IOException {
        try (Client client = server.client()) {
            return client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + String.join("\r\n", fields)
                            + (fields.length == 0 ? "\r\n" : "\r\n\r\n"))
                    .answer();
        }
    }

    private static byte[] unpacked(Client.Answer answer) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bytes", "/stream", "/file", "/none"})
    void responsesAreCompressed(String path) throws Exception {
        Client.Answer answer = get(path, "Accept-Encoding: br, gzip;q=0.5");
        assertEquals("gzip", answer.field("Content-Encoding"));
        assertEquals("Accept-Encoding", answer.field("Vary"));
        assertTrue(answer.body().length < TEXT.length / 10, "length " + answer.body().length);
        assertArrayEquals(TEXT, unpacked(answer));
        Client.Answer plain = get(path);
        assertEquals(null, plain.field("Content-Encoding"));
        assertEquals("Accept-Encoding", plain.field("Vary"));
        assertArrayEquals(TEXT, plain.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | true",
                "GZip | true",
                "x-gzip | true",
                "* | true",
                "deflate | false",
                "gzip;q=0, * | false",
                "gzip; q=0.000 | false",
                "identity | false"
            })
    void clientDecides(String accepted, boolean compressed) throws Exception {
        assertEquals(compressed, get("/bytes", "Accept-Encoding: " + accepted).field("Content-Encoding") != null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/small", "/image", "/coded", "/untouched"})
    void othersAreSentAsTheyAre(String path) throws Exception {
        Client.Answer answer = get(path, "Accept-Encoding: gzip");
        assertTrue(!"gzip".equals(answer.field("Content-Encoding")), answer.head());
        assertEquals(null, answer.field("Vary"));
    }

    @Test
    void entityTagIsWeakAndRangesAreOfTheFile() throws Exception {
        assertEquals("W/\"1\"", get("/bytes", "Accept-Encoding: gzip").field("ETag"));
        assertEquals("\"1\"", get("/bytes").field("ETag"));
        Client.Answer whole = get("/file", "Accept-Encoding: gzip");
        String weak = whole.field("ETag");
        assertTrue(weak.startsWith("W/"), weak);
        assertEquals(null, whole.field("Accept-Ranges"));
        Client.Answer same = get("/file", "Accept-Encoding: gzip", "If-None-Match: " + weak);
        assertEquals(304, same.status());
        assertEquals(weak, same.field("ETag"));
        assertEquals(
                weak.substring(2),
                get("/file", "If-None-Match: " + weak.substring(2)).field("ETag"));
        Client.Answer part = get("/file", "Accept-Encoding: gzip", "Range: bytes=0-99");
        assertEquals(206, part.status());
        assertEquals(null, part.field("Content-Encoding"));
        assertEquals(100, part.body().length);
        assertEquals(
                200,
                get("/file", "Accept-Encoding: gzip", "Range: bytes=0-99", "If-Range: " + weak)
                        .status());
    }

    @Test
    void failureIsAnswered() throws Exception {
        Client.Answer answer = get("/failing", "Accept-Encoding: gzip");
        assertEquals(500, answer.status());
        assertEquals("500 Internal Server Error\n", answer.text());
    }

    @Test
    void headOfAHeadRequestIsThatOfGet() throws Exception {
        for (String path : new String[] {"/bytes", "/stream", "/file"}) {
            try (Client client = server.client()) {
                client.send("HEAD " + path + " HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
                assertEquals("gzip", client.answer(true).field("Content-Encoding"));
                assertEquals(200, client.get("/small").answer().status());
            }
        }
    }
}
