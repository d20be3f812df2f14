package org.handoff.worker.pool.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.handoff.testkit.Await;

/** A {@link FaultServer}, as the test that has started it sees it. */
public final class FaultServerProcess implements AutoCloseable {

    /** Descriptors for whatever it does. */
    static final int ENOUGH = 1000;

    private static final Counts ANY = new Counts(0, 0, Integer.MAX_VALUE, new TreeMap<>());

    private final Process process;
    private final BufferedReader said;
    private final int port;
    private final Path log;

    /** Starts it, with all its workers; what is opened once, the files of classes as an example, is open. */
    FaultServerProcess(Path folder) throws Exception {
        log = folder.resolve("server.log");
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dhandoff.class.path=" + classPath,
                        FaultServer.class.getName(),
                        folder.toString())
                .redirectError(log.toFile())
                .start();
        said = process.inputReader();
        port = Integer.parseInt(answer());
        assertTrue(isSettled(ANY), "all workers");
        new Load(port).run();
        settled();
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** What it says of itself. @param descriptors of its own; and of each worker, by pid */
    record Counts(int open, int held, int descriptors, SortedMap<Long, Integer> workers) {

        private static Counts of(String line) {
            String[] parts = line.split(",");
            String[] own = parts[0].split(" ");
            SortedMap<Long, Integer> workers = new TreeMap<>();
            Stream.of(parts)
                    .skip(1)
                    .map(worker -> worker.split(" "))
                    .forEach(worker -> workers.put(Long.valueOf(worker[0]), Integer.valueOf(worker[1])));
            return new Counts(Integer.parseInt(own[0]), Integer.parseInt(own[1]), Integer.parseInt(own[2]), workers);
        }

        /** Whether nobody has a connection, nor more descriptors than before; of a new worker that cannot be said. */
        private boolean isAsBefore(Counts before) {
            return open == 0
                    && held == 0
                    && descriptors <= before.descriptors
                    && workers.size() == FaultServer.WORKERS
                    && workers.entrySet().stream()
                            .allMatch(worker -> worker.getValue()
                                    <= before.workers.getOrDefault(worker.getKey(), Integer.MAX_VALUE));
        }
    }

    Counts counts() throws IOException {
        process.outputWriter().append("\n").flush();
        return Counts.of(answer());
    }

    /** Waits until no connection of a former load is left, and all workers are there. */
    Counts settled() throws IOException {
        assertTrue(isSettled(ANY), "nobody left");
        return counts();
    }

    /** Waits until no connection is left, nor a descriptor, and all workers are there. @return false if not in time */
    boolean isSettled(Counts before) {
        return Await.happens(() -> counts().isAsBefore(before));
    }

    /** Whether a line of its log contains this text. */
    boolean hasLogged(String text) throws IOException {
        return Files.readString(log, StandardCharsets.ISO_8859_1).contains(text);
    }

    /** The number that it would get for the next descriptor. */
    int lowestFree() {
        Path open = Path.of("/proc", Long.toString(pid()), "fd");
        return IntStream.iterate(0, number -> number + 1)
                .filter(number -> !Files.exists(open.resolve(Integer.toString(number)), LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .orElseThrow();
    }

    /** Lets it have no descriptor of that number or a higher one, beyond those it has. */
    void limitDescriptors(int most) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("prlimit", "--pid=" + pid(), "--nofile=" + most + ":")
                        .start()
                        .waitFor());
    }

    private String answer() throws IOException {
        String line = said.readLine();
        assertTrue(line != null, "the server lives");
        return line;
    }

    /** Ends it in order: the pool first, then the monitor. */
    @Override
    public void close() throws Exception {
        process.outputWriter().close();
        if (!process.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
