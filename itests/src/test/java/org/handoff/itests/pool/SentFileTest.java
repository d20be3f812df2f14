package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.loss.TestedPool;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A large file that a C worker sends to its client: none of it passes through Karaf. */
@ExtendWith(OurKaraf.class)
class SentFileTest {

    /** More than the system keeps of a response that nobody reads. */
    private static final long LENGTH = Runs.times(64, 1024) * (1L << 20);
    /** The file is a hole but for the end of each of these pieces. */
    private static final int PIECE = 1 << 20;

    private static final int NOISE = 64 << 10;
    /** What a file of 1 GiB may cost Karaf, beside what it does anyway in that time. */
    private static final long MOST_MILLIS = 50;

    @TempDir
    Path folder;

    private final Karaf karaf;

    SentFileTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void comesWholeWhileKarafStandsStill() throws Exception {
        Path file = file();
        try (TestedPool pool = new TestedPool(karaf, TestedPool.Kind.C);
                Http http = new Http(karaf.httpPort())) {
            request(http, pool, file);
            karaf.await("the response to begin", http::hasBegun);
            Signals.send(karaf.pid(), "STOP");
            try {
                assertEquals(sum(Files.newInputStream(file), LENGTH), receive(http));
            } finally {
                Signals.send(karaf.pid(), "CONT");
            }
            http.send("GET " + pool.hello() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, http.receive().status(), "the connection goes on");
        }
    }

    @Test
    void costsKarafNoProcessorTime() throws Exception {
        assumeTrue(Runs.areLong(), "times are compared with -Plong only");
        Path file = file();
        try (TestedPool pool = new TestedPool(karaf, TestedPool.Kind.C)) {
            pool.awaitOn(2);
            try (Http http = new Http(karaf.httpPort())) {
                // Once before, as Karaf's code is new.
                request(http, pool, file);
                receive(http);
                long before = processorMillis();
                long since = System.nanoTime();
                request(http, pool, file);
                receive(http);
                long taken = System.nanoTime() - since;
                long used = processorMillis() - before;
                before = processorMillis();
                since = System.nanoTime();
                while (System.nanoTime() - since < taken) {
                    LockSupport.parkNanos(taken - (System.nanoTime() - since));
                }
                long anyway = processorMillis() - before;
                System.out.printf(
                        Locale.ROOT,
                        "a file of %d MiB from a C worker by sendfile: %d ms, of Karaf's processor time %d ms; in the "
                                + "same time without: %d ms%n",
                        LENGTH >> 20,
                        TimeUnit.NANOSECONDS.toMillis(taken),
                        used,
                        anyway);
                assertTrue(used - anyway < MOST_MILLIS, used + " ms of Karaf's processor time, " + anyway + " anyway");
            }
        }
    }

    /** A file of which no piece is like another. */
    private Path file() throws IOException {
        Path path = folder.resolve("large");
        byte[] noise = new byte[NOISE];
        Random random = new Random(LENGTH);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            for (long end = PIECE; end <= LENGTH; end += PIECE) {
                random.nextBytes(noise);
                file.seek(end - NOISE);
                file.write(noise);
            }
        }
        return path;
    }

    private static void request(Http http, TestedPool pool, Path file) throws IOException {
        http.send("GET " + TestedPool.Kind.C.path("/file") + " HTTP/1.1\r\nHost: localhost\r\nX-File: " + file
                + "\r\n\r\n");
    }

    /** Receives the file. @return its sum */
    private static long receive(Http http) throws IOException {
        Http.Answer head = http.answer(true);
        assertEquals(200, head.status(), head.head());
        assertEquals(Long.toString(LENGTH), head.field("Content-Length"));
        return sum(http.in(), LENGTH);
    }

    private static long sum(InputStream in, long length) throws IOException {
        CRC32 sum = new CRC32();
        byte[] piece = new byte[PIECE];
        for (long left = length; left > 0; ) {
            int count = in.read(piece, 0, (int) Math.min(left, piece.length));
            if (count < 0) {
                throw new IOException("the file ends " + left + " bytes early");
            }
            sum.update(piece, 0, count);
            left -= count;
        }
        return sum.getValue();
    }

    /** Karaf's processor time since its start; the workers have theirs. */
    private long processorMillis() throws IOException {
        long pid = karaf.pid();
        long ticks = Long.parseLong(Processes.stat(pid, Processes.USER_TIME))
                + Long.parseLong(Processes.stat(pid, Processes.SYSTEM_TIME));
        // The system counts hundredths of a second for programs, whatever it counts for itself.
        return ticks * 10;
    }
}
