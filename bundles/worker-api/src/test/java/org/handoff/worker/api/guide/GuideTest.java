package org.handoff.worker.api.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/handlers.md. */
class GuideTest {

    private static final Path GUIDE = Path.of("..", "..", "docs", "handlers.md");
    private static final Path SOURCES = Path.of("src/test/java/org/handoff/worker/api/guide");

    @TempDir
    Path folder;

    /** What is printed is what is compiled and run here. */
    @Test
    void examplesOfTheGuideAreThese() throws Exception {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                sources.add(lines(Files.readString(file)));
            }
        }
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(GUIDE));
        int found = 0;
        while (block.find()) {
            String example = lines(block.group(1));
            assertTrue(sources.stream().anyMatch(source -> source.contains(example)), example);
            found++;
        }
        assertEquals(7, found);
    }

    /** Without indentation. */
    private static String lines(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }

    private static TestResponse answer(Handler handler, TestRequest.Builder request) throws Exception {
        TestResponse response = new TestResponse();
        handler.handle(request.build(), response);
        return response;
    }

    @Test
    void requestIsDecoded() throws Exception {
        Handler search = new Search();
        TestResponse response = answer(
                search, TestRequest.get("/search?q=blue+sky&tag=a&tag=b&page=2").header("Accept", "text/plain"));
        assertEquals("blue sky[a, b] page 2 for a guest", response.text());
        assertEquals(
                "text/plain; charset=utf-8",
                response.headers().first("Content-Type").orElseThrow());
        assertThrows(HttpException.class, () -> answer(search, TestRequest.get("/search?q=x&page=two")));
        assertThrows(HttpException.class, () -> answer(search, TestRequest.get("/search")));
    }

    @Test
    void formIsAnsweredByARedirection() throws Exception {
        TestResponse response = answer(
                new Login(),
                TestRequest.post("/login", "password=secret".getBytes(StandardCharsets.US_ASCII))
                        .header("Content-Type", "application/x-www-form-urlencoded"));
        assertEquals(303, response.status());
        assertEquals("/home", response.headers().first("Location").orElseThrow());
        assertTrue(
                response.headers().first("Set-Cookie").orElseThrow().startsWith("session=4711; Path=/; Max-Age=28800"));
    }

    @Test
    void rangeOfAReportIsSent() throws Exception {
        Files.writeString(folder.resolve("2026-01.csv"), "0123456789");
        TestResponse response = answer(
                new Reports(folder), TestRequest.get("/reports?month=2026-01").header("Range", "bytes=2-4"));
        assertEquals(206, response.status());
        assertEquals("234", response.text());
        assertThrows(HttpException.class, () -> answer(new Reports(folder), TestRequest.get("/reports?month=..%2Fx")));
    }

    @Test
    void pageIsNotMadeAgain() throws Exception {
        assertEquals(200, answer(new Page(), TestRequest.get("/page")).status());
        assertEquals(
                304,
                answer(new Page(), TestRequest.get("/page").header("If-None-Match", "\"7\""))
                        .status());
    }

    @Test
    void filesOfAFormAreKept() throws Exception {
        TestResponse response = answer(
                new Album(folder),
                TestRequest.request("POST", "/album")
                        .part("title", "Holidays")
                        .part("photo", "a.jpg", "image/jpeg", new byte[10])
                        .part("photo", "b.jpg", "image/jpeg", new byte[20]));
        assertEquals("Holidays: 2 photos", response.text());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void newsAreSentLater() throws Exception {
        News news = new News();
        TestResponse polling = answer(news, TestRequest.get("/news/next").context("/news"));
        TestResponse events = answer(news, TestRequest.get("/news").context("/news"));
        news.publish("1", "first");
        news.publish("2", "second");
        assertEquals("first", polling.text());
        assertTrue(polling.hasEnded());
        assertEquals("id: 1\nevent: news\ndata: first\n\nid: 2\nevent: news\ndata: second\n\n", events.text());
        events.leave();
        news.publish("3", "third");
        assertTrue(!events.text().contains("third"), events.text());
    }
}
