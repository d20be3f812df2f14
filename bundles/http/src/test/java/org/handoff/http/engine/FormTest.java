package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Client;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Part;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms of the type multipart/form-data, on the wire. */
@Timeout(300)
class FormTest {

    private static final String TYPE = "multipart/form-data; boundary=\"b:1\"";

    @TempDir
    Path temp;

    private final AtomicLong inFiles = new AtomicLong();
    private Served server;

    @BeforeEach
    void serve() {
        Handler handler = this::answer;
        server = new Served(HttpLimits.from(Map.of("http.temp", temp.toString(), "http.body", "3000000")), handler);
    }

    @AfterEach
    void stop() throws Exception {
        await("no file left", () -> files() == 0);
        server.close();
    }

    private long files() throws IOException {
        try (Stream<Path> left = Files.list(temp)) {
            return left.count();
        }
    }

    private void answer(Request request, Response response) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Part part : request.parts()) {
            String content = part.length() > 100 ? part.content().readAllBytes().length + " bytes" : part.text();
            text.append(part.name())
                    .append('|')
                    .append(part.fileName().orElse("-"))
                    .append('|')
                    .append(part.contentType().map(MediaType::toString).orElse("-"))
                    .append('|')
                    .append(content)
                    .append('\n');
        }
        inFiles.set(files());
        response.send(text.toString());
    }

    private Client.Answer post(String type, String body) throws IOException {
        try (Client client = server.client()) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: " + type + "\r\nContent-Length: " + bytes.length
                    + "\r\n\r\n");
            return client.send(bytes).answer();
        }
    }

    private static String part(String disposition, String content) {
        return "--b:1\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
    }

    @Test
    void fieldsAndFilesAreParts() throws Exception {
        Client.Answer answer = post(
                TYPE,
                part("name=\"a\"", "1 é")
                        + part(
                                "name=\"f\"; filename=\"../é.txt\"\r\nContent-Type: text/plain; charset=utf-8",
                                "é\r\n--b:2")
                        + part("name=\"a\"", "")
                        + "--b:1--\r\n");
        assertEquals(200, answer.status(), answer.text());
        assertEquals("a|-|-|1 é\nf|../é.txt|text/plain|é\r\n--b:2\na|-|-|\n", answer.text());
        assertEquals(0, inFiles.get());
    }

    @Test
    void largePartsAreInFilesUntilTheHandlerReturns() throws Exception {
        Client.Answer answer = post(
                TYPE,
                part("name=\"f\"; filename=\"f\"", "x".repeat(2_000_000))
                        + part("name=\"a\"", "y".repeat(300_000))
                        + part("name=\"b\"", "z")
                        + "--b:1--\r\n");
        assertEquals(200, answer.status());
        assertTrue(answer.text().startsWith("f|f|"), answer.text());
        assertTrue(answer.text().contains("|2000000 bytes\na|-|-|300000 bytes\nb|-|-|z\n"), answer.text());
        assertEquals(2, inFiles.get());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no form",
                "--b:1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end",
                "--b:1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end\r\n",
                "--b:1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b:1\r\n",
                "--b:1\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nno end"
            })
    void malformedFormIsRefused(String body) throws Exception {
        assertEquals(400, post(TYPE, body).status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: form-data; name",
                "Content-Disposition: form-data",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=no-such",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=a b",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Length: x"
            })
    void malformedPartIsRefusedOrRead(String header) throws Exception {
        int status =
                post(TYPE, "--b:1\r\n" + header + "\r\n\r\n1\r\n--b:1--\r\n").status();
        assertTrue(status == 400 || status == 200, "the status " + status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "; charset=no-such; boundary=\"b:1\"",
                "; charset=\"a b\"; boundary=\"b:1\"",
                "; boundary=\"b:1\"; charset=no-such",
                "; a=1; b=2; boundary=\"b:1\"",
                "; a=\"; boundary=x\"; boundary=\"b:1\""
            })
    void onlyTheBoundaryCounts(String parameters) throws Exception {
        Client.Answer answer = post("multipart/form-data" + parameters, part("name=\"a\"", "1") + "--b:1--\r\n");
        assertEquals("a|-|-|1\n", answer.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a;b", "a\\\"b", "a ", "é", ""})
    void wrongBoundaryIsRefused(String boundary) throws Exception {
        assertEquals(
                400,
                post("multipart/form-data; boundary=\"" + boundary + "\"", "x").status());
        assertEquals(
                400,
                post("multipart/form-data; boundary=" + "x".repeat(71), "x").status());
    }

    @Test
    void fieldIsDecodedByItsCharset() throws Exception {
        Client.Answer answer =
                post(TYPE, part("name=\"a\"\r\nContent-Type: text/plain; charset=iso-8859-1", "é") + "--b:1--\r\n");
        assertEquals("a|-|text/plain; charset=ISO-8859-1|Ã©\n", answer.text());
    }

    @Test
    void everythingIsBounded() throws Exception {
        assertEquals(415, post("text/plain", "x").status());
        assertEquals(400, post("multipart/form-data", "x").status());
        assertEquals(
                413,
                post(TYPE, part("name=\"a\"", "1").repeat(300) + "--b:1--\r\n").status());
        assertEquals(
                413,
                post(TYPE, part("name=\"a\"\r\nX: " + "x".repeat(100_000), "1") + "--b:1--\r\n")
                        .status());
        assertEquals(413, post(TYPE, part("name=\"a\"", "x".repeat(3_000_000))).status());
    }
}
