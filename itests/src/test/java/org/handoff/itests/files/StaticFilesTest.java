package org.handoff.itests.files;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Table;
import org.handoff.testkit.Client;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A pool that serves the files of a folder, by its configuration alone. */
@ExtendWith(OurKaraf.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StaticFilesTest {

    private static final String POOL = "files";
    private static final String CFG = "org.handoff.pool-" + POOL + ".cfg";
    private static final String CHANGED = "Fri, 02 Jan 2026 03:04:05 GMT";
    private static final String BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT";
    private static final String AFTER = "Fri, 02 Jan 2026 03:04:06 GMT";
    /** More than the system keeps of a response that nobody reads. */
    private static final int LARGE = 32 << 20;

    private static final int OFFSET = 12_345;

    @TempDir
    static Path folder;

    private final Karaf karaf;
    private final byte[] content = new byte[LARGE];
    private Path root;

    StaticFilesTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeAll
    void serve() throws Exception {
        root = Files.createDirectory(folder.resolve("www"));
        file("digits", "0123456789");
        file("empty", "");
        file(".hidden", "hidden");
        Files.createDirectory(root.resolve("sub"));
        file("sub/index.html", "index");
        Files.createDirectory(root.resolve("bare"));
        new Random(LARGE).nextBytes(content);
        Files.write(root.resolve("large"), content);
        karaf.write(
                CFG,
                "kind = java\nfiles = " + root
                        + "\ncontext = /static\nworkers = 1\nhttp.gzip = text/html\nhttp.gzip.length = 1\n");
        karaf.awaitStatus(200, "/static/digits");
    }

    @AfterAll
    void drop() throws IOException {
        karaf.delete(CFG);
        karaf.awaitStatus(404, "/static/digits");
        karaf.await("the end of its workers", () -> karaf.workers().size() == 2);
    }

    private void file(String name, String content) throws IOException {
        Files.setLastModifiedTime(
                Files.writeString(root.resolve(name), content), FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
    }

    /**
     * A request that both servers answer.
     *
     * @param fields separated by {@code ; }; {@code TAG} stands for the file's entity tag of each server
     * @param ours our answer where it differs on purpose, or null
     * @param why the reason for that: the section of RFC 9110
     */
    private record Case(String request, String fields, String ours, String why) {

        static Case same(String request, String fields) {
            return new Case(request, fields, null, null);
        }

        String sent(String tag) {
            StringBuilder text = new StringBuilder(request.replace(" ", " /static/") + " HTTP/1.1\r\nHost: h\r\n");
            for (String field : fields.isEmpty() ? new String[0] : fields.split("; ")) {
                text.append(field.replace("TAG", tag)).append("\r\n");
            }
            return text.append("\r\n").toString();
        }

        /** What matters of an answer: errors have pages of their own, and boundaries are random. */
        static String summary(Client.Answer answer, boolean headOnly) {
            StringBuilder text = new StringBuilder().append(answer.status());
            for (String name : new String[] {"Content-Range", "Last-Modified", "Location", "Accept-Ranges"}) {
                String value = answer.field(name);
                if (value != null
                        && (answer.status() < 300 || name.equals("Content-Range") || name.equals("Location"))) {
                    text.append(", ").append(name).append(": ").append(value);
                }
            }
            String type = answer.field("Content-Type");
            String body = answer.text();
            if (type != null && type.startsWith("multipart/byteranges; boundary=")) {
                body = body.replace(type.substring(type.indexOf('=') + 1), "BOUNDARY");
            } else if (answer.status() < 300) {
                text.append(", Content-Length: ").append(answer.field("Content-Length"));
            }
            return answer.status() >= 300 || headOnly ? text.toString() : text + ", " + body;
        }
    }

    /** RFC 9110, sections 13 and 14, beside nginx. */
    @Test
    void answersAreThoseOfNginxOrBetter() throws Exception {
        List<Executable> all = new ArrayList<>();
        try (Nginx nginx = new Nginx(folder, root)) {
            String theirTag = tag(nginx.port);
            String ourTag = tag(karaf.httpPort());
            cases().forEach(one -> all.add(() -> {
                String theirs = answer(nginx.port, one, theirTag);
                String ours = answer(karaf.httpPort(), one, ourTag);
                String what = one.request() + " with " + one.fields() + "; nginx answers " + theirs;
                if (one.ours() == null) {
                    assertEquals(theirs, ours, what);
                } else {
                    assertEquals(one.ours(), ours.split(",")[0], what + ", we otherwise: " + one.why());
                    assertEquals(false, theirs.equals(ours), what + ", as we do: no difference any more");
                }
            }));
            assertAll(all);
        }
    }

    @Test
    void filesOfTheNamedTypesAreCompressed() throws Exception {
        try (Client client = new Client(karaf.httpPort())) {
            for (String path : new String[] {"sub/", "digits"}) {
                client.send("GET /static/" + path + " HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
                assertEquals(
                        path.equals("sub/") ? "gzip" : null, client.answer().field("Content-Encoding"), path);
            }
        }
    }

    private static String tag(int port) throws IOException {
        try (Client client = new Client(port)) {
            return client.get("/static/digits").answer().field("ETag");
        }
    }

    private static String answer(int port, Case one, String tag) throws IOException {
        boolean headOnly = one.request().startsWith("HEAD");
        try (Client client = new Client(port)) {
            return Case.summary(client.send(one.sent(tag)).answer(headOnly), headOnly);
        }
    }

    private static Stream<Case> cases() {
        Stream<Case> conditions = Stream.of(
                        "",
                        "If-Match: TAG",
                        "If-Match: *",
                        "If-Match: \"x\"",
                        "If-Match: \"x\", TAG",
                        "If-Match: W/TAG",
                        "If-Unmodified-Since: " + CHANGED,
                        "If-Unmodified-Since: " + BEFORE,
                        "If-Unmodified-Since: " + AFTER,
                        "If-None-Match: TAG",
                        "If-None-Match: W/TAG",
                        "If-None-Match: *",
                        "If-None-Match: \"x\"",
                        "If-None-Match: \"x\",TAG",
                        "If-Modified-Since: " + CHANGED,
                        "If-Modified-Since: " + BEFORE,
                        "If-Modified-Since: " + AFTER,
                        "If-Modified-Since: yesterday",
                        "If-Modified-Since: Friday, 02-Jan-26 03:04:05 GMT",
                        "If-Modified-Since: Fri Jan  2 03:04:05 2026",
                        "If-None-Match: \"x\"; If-Modified-Since: " + CHANGED,
                        "If-None-Match: TAG; If-Modified-Since: " + CHANGED,
                        "If-Match: TAG; If-None-Match: TAG",
                        "If-Match: \"x\"; If-None-Match: TAG")
                .flatMap(fields -> Stream.of(Case.same("GET digits", fields), Case.same("HEAD digits", fields)));
        Stream<Case> ranges = Stream.of(
                        "bytes=0-0",
                        "bytes=2-4",
                        "bytes=2-",
                        "bytes=-3",
                        "bytes=-30",
                        "bytes=5-99999",
                        "bytes=10-",
                        "bytes=20-30,1-1",
                        "bytes=1-2,-1",
                        "bytes=5-6,1-2",
                        "bytes=0-4,3-7",
                        "bytes=0-9,0-",
                        "bytes=10-,20-",
                        "bytes=1-2 , 4-5",
                        "lines=1-2")
                .map(range -> Case.same("GET digits", "Range: " + range));
        Stream<Case> conditional = Stream.of(
                        "If-Range: TAG",
                        "If-Range: W/TAG",
                        "If-Range: \"x\"",
                        "If-Range: " + CHANGED,
                        "If-Range: " + BEFORE,
                        "If-Range: " + AFTER,
                        "If-Range: yesterday",
                        "If-None-Match: TAG",
                        "If-Match: \"x\"",
                        "If-Match: TAG")
                .map(fields -> Case.same("GET digits", "Range: bytes=2-4; " + fields));
        Stream<Case> others = Stream.of(
                Case.same("GET empty", ""),
                Case.same("HEAD empty", ""),
                Case.same("GET empty", "Range: bytes=0-0"),
                Case.same("GET empty", "Range: bytes=-1"),
                Case.same("GET none", ""),
                Case.same("GET digits/", ""),
                Case.same("GET digits/more", ""),
                Case.same("GET sub", ""),
                Case.same("GET sub/", ""),
                Case.same("POST digits", "Content-Length: 0"),
                Case.same("DELETE digits", ""));
        Stream<Case> differences = Stream.of(
                new Case("GET digits", "If-Unmodified-Since: yesterday", "200", "13.1.4: not a date, so ignored"),
                new Case(
                        "GET digits",
                        "If-Match: TAG; If-Unmodified-Since: " + BEFORE,
                        "200",
                        "13.1.4: ignored beside If-Match"),
                new Case("HEAD digits", "Range: bytes=2-4", "200", "14.2: ranges are for GET only"),
                new Case("GET digits", "Range: bytes=4-2", "200", "14.1.1: an invalid range, so ignored"),
                new Case("GET digits", "Range: bytes=a-b", "200", "14.2: an invalid range, so ignored"),
                new Case("GET .hidden", "", "404", "names that begin with a dot are not served"),
                new Case("GET bare/", "", "404", "a folder without an index does not show that it is there"));
        return Stream.of(conditions, ranges, conditional, others, differences).flatMap(all -> all);
    }

    @Test
    void partsOfFilesAreNotLostWhenWorkersAreReplaced() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger answered = new AtomicInteger();
        Thread[] clients = new Thread[4];
        AtomicInteger going = new AtomicInteger(1);
        for (int i = 0; i < clients.length; i++) {
            Random random = new Random(i);
            clients[i] = new Thread(() -> {
                try (Client client = new Client(karaf.httpPort())) {
                    while (going.get() == 1) {
                        int from = random.nextInt(LARGE - 500_000);
                        int to = from + random.nextInt(500_000);
                        client.send("GET /static/large HTTP/1.1\r\nHost: h\r\nRange: bytes=" + from + "-" + to
                                + "\r\n\r\n");
                        Client.Answer answer = client.answer();
                        assertEquals(206, answer.status());
                        assertEquals("bytes " + from + "-" + to + "/" + LARGE, answer.field("Content-Range"));
                        assertEquals(-1, Arrays.mismatch(answer.body(), Arrays.copyOfRange(content, from, to + 1)));
                        answered.incrementAndGet();
                    }
                } catch (IOException | AssertionError e) {
                    failure.set(e);
                }
            });
            clients[i].start();
        }
        try {
            for (int i = 0; i < 2; i++) {
                long before = pid();
                int until = answered.get() + 20;
                karaf.await("answers", () -> failure.get() != null || answered.get() > until);
                karaf.shell("worker:recycle " + POOL);
                karaf.await("another worker", () -> pid() != before && pid() != 0);
            }
        } finally {
            going.set(0);
            for (Thread client : clients) {
                client.join();
            }
        }
        assertNull(failure.get());
    }

    /** The process of the only worker that is on; 0 for none. */
    private long pid() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pool").equals(POOL) && row.get("state").equals("on"))
                .mapToLong(row -> Long.parseLong(row.get("pid")))
                .findFirst()
                .orElse(0);
    }

    @Test
    void partOfAKilledWorkerIsCompleted() throws Exception {
        try (Client slow = smallClient()) {
            int length = LARGE - OFFSET - 100;
            slow.send("GET /static/large HTTP/1.1\r\nHost: h\r\nRange: bytes=" + OFFSET + "-" + (OFFSET + length - 1)
                    + "\r\n\r\n");
            Client.Answer head = slow.answer(true);
            assertEquals(206, head.status());
            // The handler is done with that one.
            assertEquals("0123456789", karaf.get("/static/digits").text());
            long worker = pid();
            Signals.send(worker, "KILL");
            karaf.await("the end of the worker", () -> ProcessHandle.of(worker).isEmpty());
            equal(OFFSET, length, slow.in());
            assertEquals(200, slow.get("/static/digits").answer().status(), "the connection goes on");
        }
    }

    private void equal(int offset, int length, InputStream in) throws IOException {
        byte[] received = in.readNBytes(length);
        assertEquals(length, received.length);
        assertEquals(-1, Arrays.mismatch(received, 0, length, content, offset, offset + length));
    }

    /** A client that has little room for what it does not read. */
    private Client smallClient() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", karaf.httpPort()));
        return new Client(socket);
    }
}
