package org.handoff.worker.runtime.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.FileNotFoundException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Response;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {

    @TempDir
    Path temporary;

    private Path root;

    @BeforeEach
    void makeFiles() throws Exception {
        root = Files.createDirectory(temporary.resolve("www"));
        Files.writeString(temporary.resolve("secret.txt"), "secret");
        Files.writeString(root.resolve("a.txt"), "a");
        Files.writeString(root.resolve("café %.html"), "coffee");
        Files.writeString(root.resolve(".htpasswd"), "secret");
        Files.createDirectories(root.resolve("sub/.git"));
        Files.writeString(root.resolve("sub/.git/config"), "secret");
        Files.writeString(root.resolve("sub/index.html"), "index");
        Files.createDirectory(root.resolve("empty"));
        Files.createSymbolicLink(root.resolve("inside"), Path.of("sub"));
        Files.createSymbolicLink(root.resolve("outside.txt"), temporary.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("hidden"), Path.of("sub/.git"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    }

    private TestResponse get(String target) throws Exception {
        return answer(TestRequest.get(target));
    }

    private TestResponse answer(TestRequest.Builder request) throws Exception {
        TestResponse response = new TestResponse();
        new StaticFiles(root).handle(request.context("/static").build(), response);
        return response;
    }

    @ParameterizedTest
    @CsvSource({
        "/static/a.txt, a, text/plain; charset=utf-8",
        "/static//a.txt, a, text/plain; charset=utf-8",
        "/static/caf%C3%A9%20%25.html, coffee, text/html; charset=utf-8",
        "/static/sub/, index, text/html; charset=utf-8",
        "/static/inside/index.html, index, text/html; charset=utf-8"
    })
    void filesAndIndexesAreServed(String target, String body, String type) throws Exception {
        TestResponse response = get(target);
        assertEquals(200, response.status());
        assertEquals(body, response.text());
        assertEquals(type, response.headers().first("Content-Type").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/static/none",
                "/static/a.txt/",
                "/static/a.txt/more",
                "/static/.htpasswd",
                "/static/sub/.git/config",
                "/static/outside.txt",
                "/static/up/secret.txt",
                "/static/up/www/a.txt/..%2f..%2fsecret.txt",
                "/static/%2e%2e%2fsecret.txt",
                "/static/hidden/config",
                "/static/loop",
                "/static/empty/",
                "/static/nul%00.txt"
            })
    void nothingElseIsServed(String target) {
        HttpException refused = assertThrows(HttpException.class, () -> get(target));
        assertEquals(404, refused.status());
    }

    @Test
    void tooLongNameIsNoFile() {
        String name = "x".repeat(5000);
        assertEquals(
                404,
                assertThrows(HttpException.class, () -> get("/static/" + name)).status());
    }

    @ParameterizedTest
    @CsvSource({
        "/static/sub, /static/sub/",
        "/static/sub?a=b%20c, /static/sub/?a=b%20c",
        "/static/sub?\u00c3\u00a9\u007f, /static/sub/?%C3%A9%7F",
        "/static, /static/",
        "/static/inside, /static/inside/"
    })
    void folderWithoutASlashIsRedirected(String target, String location) throws Exception {
        TestResponse response = get(target);
        assertEquals(301, response.status());
        assertEquals(location, response.headers().first("Location").orElseThrow());
    }

    @Test
    void redirectionNeverLeadsToAnotherHost() throws Exception {
        Files.createDirectory(root.resolve("evil.org"));
        TestResponse response = new TestResponse();
        new StaticFiles(root).handle(TestRequest.get("//evil.org").context("/").build(), response);
        assertEquals("/evil.org/", response.headers().first("Location").orElseThrow());
    }

    @Test
    void onlyAFileThatMayNotBeReadIsForbidden() {
        Path file = root.resolve("a.txt");
        assertThrows(FileNotFoundException.class, () -> failToOpen(() -> {}), "too many open files, for example");
        HttpException refused = assertThrows(HttpException.class, () -> failToOpen(() -> Files.delete(file)));
        assertEquals(403, refused.status());
    }

    private void failToOpen(Executable before) throws Exception {
        Response response = (Response) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Response.class}, (proxy, method, arguments) -> {
                    before.execute();
                    throw new FileNotFoundException(method.getName());
                });
        new StaticFiles(root).handle(TestRequest.get("/a.txt").context("/").build(), response);
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        TestResponse response = answer(TestRequest.post("/static/a.txt", new byte[0]));
        assertEquals(405, response.status());
        assertEquals("GET, HEAD", response.headers().first("Allow").orElseThrow());
    }

    @Test
    void folderMayBeALinkThatChanges() throws Exception {
        Path release = Files.createDirectory(temporary.resolve("release"));
        Files.writeString(release.resolve("a.txt"), "new");
        Path current = Files.createSymbolicLink(temporary.resolve("current"), root);
        StaticFiles files = new StaticFiles(current);
        for (String expected : new String[] {"a", "new"}) {
            TestResponse response = new TestResponse();
            files.handle(TestRequest.get("/a.txt").context("/").build(), response);
            assertEquals(expected, response.text());
            Files.delete(current);
            Files.createSymbolicLink(current, release);
        }
    }
}
