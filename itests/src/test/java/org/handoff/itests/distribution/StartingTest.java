package org.handoff.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Await;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How {@code ./run} watches the start: {@code watch_start} of {@code tools/starting.sh}, with one second for sixty. */
@ExtendWith(OurKaraf.class)
class StartingTest {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private final Karaf karaf;
    private Process karafsShell;
    private Process watch;

    StartingTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @AfterEach
    void end() {
        karafsShell.destroyForcibly();
        watch.destroyForcibly();
    }

    @Test
    void aStartThatTakesTooLongIsToldWithWhatItWaitsFor() throws Exception {
        int nobody = Ports.free();
        start("http://127.0.0.1:" + nobody + "/hello");
        Await.await("what it waits for", () -> printed().contains("/data/log/karaf.log:"), this::printed);
        assertTrue(printed().contains("has not started after "), printed());
        assertTrue(printed().contains("http://127.0.0.1:" + nobody + "/hello: nobody answers."), printed());
        assertTrue(printed().contains("\"FelixStartLevel\""), printed());
        assertTrue(printed().contains("at org.apache.felix.framework.FrameworkStartLevelImpl.run("), printed());
        assertTrue(watch.isAlive(), printed());
        karafsShell.destroyForcibly();
        assertTrue(watch.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "it ends with Karaf");
    }

    @Test
    void nothingIsSaidOfAStartInTime() throws Exception {
        start("http://127.0.0.1:" + karaf.httpPort() + "/hello");
        assertTrue(watch.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "it ends when Karaf answers");
        assertEquals("", printed());
        assertTrue(karafsShell.isAlive(), "and leaves Karaf alone");
    }

    /** The line of {@code ./run} itself, with a clock on which a second of sleep is over at once. */
    @Test
    void runTellsItAfterAMinute() throws Exception {
        watch = bash("source tools/starting.sh; answers() { false; }; what_it_waits_for() { echo \"$3\"; exit; }; "
                + "unset SECONDS; SECONDS=0; sleep() { SECONDS=$((SECONDS + $1)); }; "
                + "eval \"$(grep '^watch_start' run)\"; wait");
        karafsShell = watch;
        assertTrue(watch.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertEquals("60\n", printed());
    }

    private void start(String url) throws IOException {
        karafsShell = new ProcessBuilder("sleep", Long.toString(2 * Await.DEADLINE.toSeconds())).start();
        watch = bash("source tools/setup.sh; source tools/starting.sh; watch_start " + karafsShell.pid() + " "
                + karaf.file("") + " " + url + " 1");
    }

    private Process bash(String script) throws IOException {
        return new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(PROJECT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printedFile().toFile())
                .start();
    }

    private Path printedFile() {
        return folder.resolve("printed");
    }

    private String printed() {
        try {
            return Files.readString(printedFile());
        } catch (IOException e) {
            return e.toString();
        }
    }
}
