package org.handoff.worker.api.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

import org.handoff.worker.api.Validators;
import org.handoff.worker.api.Validators.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendFileTest {

    private static final Instant CHANGED = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final Validators CURRENT = Validators.of("\"now\"", CHANGED);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makeFile() throws Exception {
        file = Files.writeString(folder.resolve("digits.txt"), "0123456789");
        Files.setLastModifiedTime(file, FileTime.from(CHANGED));
    }

    private TestResponse send(TestRequest.Builder request) throws Exception {
        TestResponse response = new TestResponse();
        response.sendFile(request.build(), file);
        return response;
    }

    private static String field(TestResponse response, String name) {
        return response.headers().first(name).orElse("none");
    }

    @Test
    void wholeFileComesWithItsValidators() throws Exception {
        TestResponse response = send(TestRequest.get("/"));
        assertEquals(200, response.status());
        assertEquals("0123456789", response.text());
        assertEquals("Fri, 02 Jan 2026 03:04:05 GMT", field(response, "Last-Modified"));
        assertEquals("bytes", field(response, "Accept-Ranges"));
        assertEquals("text/plain; charset=utf-8", field(response, "Content-Type"));
        String tag = field(response, "ETag");
        Files.writeString(file, "0123456780");
        Files.setLastModifiedTime(file, FileTime.from(CHANGED.plusNanos(1000)));
        assertTrue(!tag.equals(field(send(TestRequest.get("/")), "ETag")), tag);
    }

    /** RFC 9110, section 13.2.2. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | If-Match: \"now\" | PROCEED",
                "GET | If-Match: \"other\", \"now\" | PROCEED",
                "GET | If-Match: * | PROCEED",
                "GET | If-Match: W/\"now\" | FAILED",
                "GET | If-Match: \"other\" | FAILED",
                "GET | If-Match: | FAILED",
                "PUT | If-Match: \"other\" | FAILED",
                "GET | If-Unmodified-Since: Fri, 02 Jan 2026 03:04:05 GMT | PROCEED",
                "GET | If-Unmodified-Since: Fri, 02 Jan 2026 03:04:04 GMT | FAILED",
                "GET | If-Unmodified-Since: yesterday | PROCEED",
                "GET | If-None-Match: \"other\" | PROCEED",
                "GET | If-None-Match: \"other\",W/\"now\" | NOT_MODIFIED",
                "GET | If-None-Match: \"a,b\", \"now\" | NOT_MODIFIED",
                "GET | If-None-Match: * | NOT_MODIFIED",
                "HEAD | If-None-Match: * | NOT_MODIFIED",
                "PUT | If-None-Match: * | FAILED",
                "GET | If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT | NOT_MODIFIED",
                "GET | If-Modified-Since: Friday, 02-Jan-26 03:04:05 GMT | NOT_MODIFIED",
                "GET | If-Modified-Since: Fri Jan  2 03:04:05 2026 | NOT_MODIFIED",
                "GET | If-Modified-Since: Fri, 02 Jan 2026 03:04:04 GMT | PROCEED",
                "PUT | If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT | PROCEED",
                "GET | If-Modified-Since: Sat, 02 Jan 2026 03:04:05 GMT | PROCEED",
                "GET | If-Match: \"now\"; If-Unmodified-Since: Fri, 02 Jan 2026 03:04:04 GMT | PROCEED",
                "GET | If-None-Match: \"other\"; If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT | PROCEED",
                "GET | If-Match: \"now\"; If-None-Match: \"now\" | NOT_MODIFIED"
            })
    void conditionsAreEvaluatedInOrder(String method, String fields, Outcome expected) {
        TestRequest.Builder request = TestRequest.request(method, "/");
        for (String field : fields.split("; ")) {
            int colon = field.indexOf(':');
            request.header(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        assertEquals(expected, CURRENT.evaluate(request.build()));
    }

    @Test
    void failedConditionsHaveNoContent() throws Exception {
        TestResponse same = send(TestRequest.get("/").header("If-None-Match", "*"));
        assertEquals(304, same.status());
        assertEquals("", same.text());
        assertTrue(same.headers().first("ETag").isPresent());
        TestResponse other = send(TestRequest.get("/").header("If-Match", "\"x\""));
        assertEquals(412, other.status());
        assertEquals(Optional.empty(), other.headers().first("ETag"));
        assertEquals("no-store", field(other, "Cache-Control"));
    }

    /** RFC 9110, section 14. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-0 | 206 | 0 | bytes 0-0/10",
                "bytes=2-4 | 206 | 234 | bytes 2-4/10",
                "BYTES=2- | 206 | 23456789 | bytes 2-9/10",
                "bytes=-3 | 206 | 789 | bytes 7-9/10",
                "bytes=-30 | 206 | 0123456789 | bytes 0-9/10",
                "bytes=5-99999999999999999999999 | 206 | 56789 | bytes 5-9/10",
                "bytes=20-30,1-1 | 206 | 1 | bytes 1-1/10",
                "bytes=10- | 416 | 416 Range Not Satisfiable | bytes */10",
                "bytes=-0 | 416 | 416 Range Not Satisfiable | bytes */10",
                "bytes=99999999999999999999-,20- | 416 | 416 Range Not Satisfiable | bytes */10",
                "bytes=4-2 | 200 | 0123456789 | none",
                "bytes=a-b | 200 | 0123456789 | none",
                "bytes=- | 200 | 0123456789 | none",
                "bytes= | 200 | 0123456789 | none",
                "bytes=0-9,0- | 200 | 0123456789 | none",
                "lines=1-2 | 200 | 0123456789 | none"
            })
    void rangesAreSent(String range, int status, String body, String contentRange) throws Exception {
        TestResponse response = send(TestRequest.get("/").header("Range", range));
        assertEquals(status, response.status());
        assertEquals(body, response.text().strip());
        assertEquals(contentRange, field(response, "Content-Range"));
    }

    @Test
    void severalRangesAreParts() throws Exception {
        TestResponse response = send(TestRequest.get("/").header("Range", "bytes=1-2, -1"));
        assertEquals(206, response.status());
        String boundary = field(response, "Content-Type").replaceFirst("multipart/byteranges; boundary=", "");
        String head = "\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ";
        assertEquals(head + "1-2/10\r\n\r\n12" + head + "9-9/10\r\n\r\n9\r\n--" + boundary + "--\r\n", response.text());
    }

    @Test
    void onlyTheFirstOfLargeRangesIsSent() throws Exception {
        int half = 4 << 20;
        Files.write(file, new byte[2 * half + 2]);
        TestResponse response = send(TestRequest.get("/").header("Range", "bytes=" + half + "-,0-" + (half - 1)));
        assertEquals(206, response.status());
        assertEquals(half + 2, response.body().length);
        assertEquals("bytes " + half + "-" + (2 * half + 1) + "/" + (2 * half + 2), field(response, "Content-Range"));
    }

    @Test
    void rangesAreOfTheClientsStateOnly() throws Exception {
        String tag = field(send(TestRequest.get("/")), "ETag");
        assertEquals(206, ranged(tag).status());
        assertEquals(200, ranged("W/" + tag).status());
        assertEquals(200, ranged("\"other\"").status());
        assertEquals(206, ranged("Fri, 02 Jan 2026 03:04:05 GMT").status());
        assertEquals(200, ranged("Fri, 02 Jan 2026 03:04:06 GMT").status());
        assertEquals(200, ranged("nonsense").status());
        assertEquals(
                200,
                send(TestRequest.request("HEAD", "/").header("Range", "bytes=0-0"))
                        .status());
    }

    private TestResponse ranged(String condition) throws Exception {
        return send(TestRequest.get("/").header("Range", "bytes=0-0").header("If-Range", condition));
    }

    @Test
    void handlerMaySendSomethingElse() throws Exception {
        TestRequest request = TestRequest.get("/").build();
        TestResponse response = new TestResponse();
        assertThrows(IOException.class, () -> response.sendFile(request, folder));
        assertThrows(IOException.class, () -> response.sendFile(request, folder.resolve("none")));
        response.status(404).send("none");
        assertEquals("none", response.text());
    }

    @Test
    void timesInTheFutureAreNotSent() throws Exception {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(86400)));
        Instant sent = Instant.from(
                DateTimeFormatter.RFC_1123_DATE_TIME.parse(field(send(TestRequest.get("/")), "Last-Modified")));
        assertTrue(!sent.isAfter(Instant.now()), sent::toString);
    }
}
