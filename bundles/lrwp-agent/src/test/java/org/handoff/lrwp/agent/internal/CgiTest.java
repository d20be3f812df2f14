package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.handoff.testkit.Client;
import org.handoff.testkit.Log;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Unchanged CGI programs behind the real wrapper, agent and monitor. */
@Timeout(300)
class CgiTest {

    @TempDir
    static Path folder;

    private static Path programs;
    private static Server server;
    private static LrwpTestPool pool;
    private static ProcessHandle wrapper;

    @BeforeAll
    static void start() throws IOException {
        programs = Files.createDirectory(folder.resolve("cgi-bin"));
        server = new Server();
        pool = new LrwpTestPool(
                server.monitor.component.loop(),
                server.agent,
                "kind",
                "cgi",
                "directory",
                programs.toString(),
                "context",
                "/cgi-bin",
                "workers",
                "1",
                "connections",
                "3",
                "environment.COLOUR",
                "green");
        await("wrapper", () -> pool.workers().stream().anyMatch(one -> one.connections() == 3));
        wrapper = ProcessHandle.of(pool.workers().get(0).pid()).orElseThrow();
    }

    @AfterAll
    static void stop() {
        awaitEquals(
                "no program to be left", List.of(), () -> wrapper.descendants().toList());
        pool.close();
        server.close();
        await("end of the wrapper", () -> !wrapper.isAlive());
    }

    private static Path program(String name, String... lines) throws IOException {
        Path program = Files.writeString(programs.resolve(name), String.join("\n", lines) + "\n");
        assertTrue(program.toFile().setExecutable(true));
        return program;
    }

    private static Client.Answer get(String path) throws IOException {
        try (Client client = server.client()) {
            return client.get(path).answer();
        }
    }

    private static Client.Answer post(String path, byte[] body) throws IOException {
        try (Client client = server.client()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: text/x\r\nContent-Length: "
                    + body.length + "\r\n\r\n");
            client.socket.getOutputStream().write(body);
            return client.answer();
        }
    }

    private static Map<String, String> environment(Client.Answer answer) {
        Map<String, String> environment = new TreeMap<>();
        answer.text()
                .lines()
                .forEach(line ->
                        environment.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        return environment;
    }

    @Test
    void programHasTheEnvironmentOfRfc3875AndNoOther() throws Exception {
        program("env.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "exec env");
        try (Client client = server.client()) {
            client.send("GET /cgi-bin/env.sh/more/%C3%A9%20x?a=b&c=%20 HTTP/1.1\r\nHost: h\r\nX-Own: \u00C3\u00A9\r\n"
                    + "Proxy: http://evil\r\n\r\n");
            Client.Answer answer = client.answer();
            assertEquals(200, answer.status());
            Map<String, String> environment = environment(answer);
            Map<String, String> expected = Map.of(
                    "SCRIPT_NAME",
                    "/cgi-bin/env.sh",
                    "PATH_INFO",
                    "/more/\u00E9 x",
                    "QUERY_STRING",
                    "a=b&c=%20",
                    "REQUEST_METHOD",
                    "GET",
                    "GATEWAY_INTERFACE",
                    "CGI/1.1",
                    "SCRIPT_FILENAME",
                    programs.resolve("env.sh").toString(),
                    "HTTP_X_OWN",
                    "\u00E9",
                    "SERVER_NAME",
                    "h",
                    "COLOUR",
                    "green",
                    "REMOTE_ADDR",
                    "127.0.0.1");
            expected.forEach((name, value) -> assertEquals(value, environment.get(name), name));
            assertEquals(System.getenv("PATH"), environment.get("PATH"));
            assertFalse(
                    environment.keySet().stream()
                            .anyMatch(name -> name.startsWith("HANDOFF_")
                                    || name.equals("HTTP_PROXY")
                                    || name.equals("HOME")
                                    || name.equals("CLASSPATH")),
                    environment.toString());
        }
    }

    @Test
    void programsOfAllLanguagesAnswerGetAndPost() throws Exception {
        program("post.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "exec cat");
        program(
                "post.pl",
                "#!/usr/bin/env perl",
                "print \"Content-Type: text/plain\\r\\n\\r\\n\";",
                "binmode STDIN; binmode STDOUT; read STDIN, my $body, $ENV{CONTENT_LENGTH} || 0;",
                "print $body eq '' ? \"get $ENV{QUERY_STRING}\" : $body;");
        program(
                "post.py",
                "#!/usr/bin/env python3",
                "import os, sys",
                "sys.stdout.buffer.write(b'Content-Type: text/plain\\n\\n')",
                "body = sys.stdin.buffer.read(int(os.environ.get('CONTENT_LENGTH') or 0))",
                "sys.stdout.buffer.write(body or b'get ' + os.environ['QUERY_STRING'].encode())");
        program(
                "post.php",
                "#!/usr/bin/env php-cgi",
                "<?php header('Content-Type: text/plain');",
                "$body = file_get_contents('php://input');",
                "echo $body === '' ? 'get ' . $_GET['x'] : $body;");
        byte[] small = "posted \u0000\u00FF".getBytes(StandardCharsets.ISO_8859_1);
        byte[] large = new byte[3_000_000];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i * 31);
        }
        for (String name : List.of("post.sh", "post.pl", "post.py", "post.php")) {
            assertArrayEquals(small, post("/cgi-bin/" + name, small).body(), name);
            assertArrayEquals(large, post("/cgi-bin/" + name, large).body(), name);
        }
        assertEquals("get x=1", get("/cgi-bin/post.pl?x=1").text());
        assertEquals("get x=1", get("/cgi-bin/post.py?x=1").text());
        assertEquals("get 1", get("/cgi-bin/post.php?x=1").text());
    }

    @Test
    void statusLocationAndCookiesAreTheProgramsOwn() throws Exception {
        program(
                "head.sh",
                "#!/bin/sh",
                "echo Status: 418 Teapot",
                "echo Set-Cookie: a=1",
                "echo Set-Cookie: b=2",
                "echo",
                "echo short and stout");
        Client.Answer answer = get("/cgi-bin/head.sh");
        assertEquals(418, answer.status());
        assertEquals("short and stout\n", answer.text());
        assertTrue(answer.head().contains("a=1") && answer.head().contains("b=2"), answer.head());
        program("moved.sh", "#!/bin/sh", "echo Location: http://elsewhere/", "echo");
        assertEquals("http://elsewhere/", get("/cgi-bin/moved.sh").field("Location"));
    }

    @Test
    void whatIsNoProgramInTheDirectoryIsNotFound() throws Exception {
        Path inside = program("inside.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "echo inside");
        Files.copy(inside, folder.resolve("outside.sh"));
        Files.writeString(programs.resolve("plain.txt"), "secret");
        Files.createDirectories(programs.resolve("sub"));
        Files.copy(inside, programs.resolve("sub/below.sh"));
        Files.copy(inside, programs.resolve(".hidden.sh"));
        Files.createSymbolicLink(programs.resolve("nowhere.sh"), folder.resolve("nowhere"));
        Files.createSymbolicLink(programs.resolve("alias.sh"), inside);
        Files.createSymbolicLink(programs.resolve("up"), folder);
        assertEquals("inside\n", get("/cgi-bin/inside.sh").text());
        assertEquals("inside\n", get("/cgi-bin/alias.sh").text());
        for (String path : List.of(
                "",
                "/",
                "/missing",
                "/plain.txt",
                "/sub",
                "/sub/below.sh",
                "/.hidden.sh",
                "/nowhere.sh",
                "/up",
                "/up/outside.sh",
                "/.",
                "/%2e%2e/outside.sh",
                "/inside.sh%00",
                "//inside.sh")) {
            int status = get("/cgi-bin" + path).status();
            assertTrue(status == 404 || status == 400, path + " gives " + status);
        }
    }

    @Test
    void programThatFailsIs502() throws Exception {
        program("nothing.sh", "#!/bin/sh");
        program("no-header.sh", "#!/bin/sh", "echo no header");
        program("killed.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "kill -9 $$");
        program("die.pl", "#!/usr/bin/env perl", "print \"Content-Type: text/plain\\n\\n\"; die 'on purpose';");
        program("no-interpreter", "#!/nowhere/interpreter");
        program("false.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "echo all of it", "false");
        for (String name : List.of("nothing.sh", "no-header.sh", "killed.sh", "die.pl", "no-interpreter")) {
            assertEquals(502, get("/cgi-bin/" + name).status(), name);
        }
        assertEquals(
                "all of it\n", get("/cgi-bin/false.sh").text(), "what a shell's last command says is not of interest");
    }

    @Test
    void programThatSpeaksHttpItselfIsUnderstood() throws Exception {
        program("nph-x.sh", "#!/bin/sh", "printf 'HTTP/1.1 200 Fine\\r\\nContent-Type: text/plain\\r\\n\\r\\nraw'");
        Client.Answer answer = get("/cgi-bin/nph-x.sh");
        assertTrue(answer.head().startsWith("HTTP/1.1 200 Fine\r\n"), answer.head());
        assertEquals("raw", answer.text());
    }

    /** As Debian's packages put them there. */
    @Test
    void linkIsRunWhereItsOwnerOwnsTheProgramToo() throws Exception {
        Path outside = Files.writeString(
                folder.resolve("linked"), "#!/bin/sh\necho Content-Type: text/plain\necho\n" + "echo outside\n");
        assertTrue(outside.toFile().setExecutable(true));
        Files.createSymbolicLink(programs.resolve("linked.cgi"), outside);
        assertEquals("outside\n", get("/cgi-bin/linked.cgi").text());
        Files.createSymbolicLink(programs.resolve("other.cgi"), Path.of("/bin/true"));
        assertEquals(
                Files.getOwner(outside).equals(Files.getOwner(Path.of("/bin/true"))) ? 502 : 404,
                get("/cgi-bin/other.cgi").status());
    }

    @Test
    void eachLineOfAnErrorIsNamedAfterItsProgramAndFailuresWarn() throws Exception {
        program(
                "stderr.sh",
                "#!/bin/sh",
                "echo Content-Type: text/plain",
                "echo",
                "echo one >&2",
                "printf 'no newline' >&2");
        program("exit1.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "exit 1");
        assertEquals(200, get("/cgi-bin/stderr.sh").status());
        assertEquals(200, get("/cgi-bin/exit1.sh").status());
        await(
                "lines in the log",
                () -> logged(" INFO .*] stderr.sh: one")
                        && logged(" INFO .*] stderr.sh: no newline")
                        && logged(" WARN .*/exit1.sh: exit status 1"));
    }

    private static boolean logged(String line) {
        return Log.lines("").stream().anyMatch(one -> one.matches(".*" + line));
    }

    /** A further pool of the same programs; the caller closes it. */
    private static LrwpTestPool cgi(String context, String key, String value) throws Exception {
        return new LrwpTestPool(
                server.monitor.component.loop(),
                server.agent,
                "kind",
                "cgi",
                "directory",
                programs.toString(),
                "context",
                context,
                "workers",
                "1",
                key,
                value);
    }

    /** Also on JDKs that warn of how the wrapper has them start programs. */
    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void wrapperServesOnEachJdkAndSaysNothingItself(Path jdk) throws Exception {
        program("jdk.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "echo served", "echo " + jdk + " >&2");
        try (LrwpTestPool its = cgi("/jdk", "java.home", jdk.toString())) {
            await("wrapper", () -> its.workers().stream().anyMatch(one -> one.connections() > 0));
            assertEquals("served\n", get("/jdk/jdk.sh").text());
            // What came before is in the log by then.
            await("program's line", () -> logged(" INFO .*] jdk.sh: " + jdk));
        }
        assertFalse(logged("VFORK.*"), "what the JDK says");
    }

    @Test
    void programThatTakesTooLongIsKilled() throws Exception {
        program("slow.sh", "#!/bin/sh", "echo Content-Type: text/plain", "echo", "sleep 1000");
        ProcessHandle its;
        try (LrwpTestPool hasty = cgi("/hasty", "request.timeout", "2")) {
            await("wrapper", () -> hasty.workers().stream().anyMatch(one -> one.connections() > 0));
            its = ProcessHandle.of(hasty.workers().get(0).pid()).orElseThrow();
            assertEquals(504, get("/hasty/slow.sh").status());
            await("end of the program and its child", () -> its.descendants().noneMatch(ProcessHandle::isAlive));
        }
        await("end of the wrapper", () -> !its.isAlive());
    }

    @Test
    void whatRunsInTheBackgroundHoldsNobodyUp() throws Exception {
        program("background.sh", "#!/bin/sh", "sleep 1 &", "echo Content-Type: text/plain", "echo", "echo done");
        assertEquals("done\n", get("/cgi-bin/background.sh").text());
    }

    @Test
    void programsRunSideBySide() throws Exception {
        Path both = folder.resolve("both");
        program(
                "first.sh",
                "#!/bin/sh",
                "until test -e " + both + "; do sleep 0.05; done",
                "echo Content-Type: text/plain",
                "echo",
                "echo first");
        program("second.sh", "#!/bin/sh", "touch " + both, "echo Content-Type: text/plain", "echo", "echo second");
        try (Client first = server.client()) {
            first.get("/cgi-bin/first.sh");
            assertEquals("second\n", get("/cgi-bin/second.sh").text());
            assertEquals("first\n", first.answer().text());
        }
    }
}
