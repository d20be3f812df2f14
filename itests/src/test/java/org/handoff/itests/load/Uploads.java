package org.handoff.itests.load;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.karaf.Http;

/**
 * Clients that send bodies of 0.1 to 20 MiB, with a length, chunked, and after they were told to go
 * on; half of them slowly. On connections that they keep: one is opened again only after an answer 502.
 */
public final class Uploads implements AutoCloseable {

    private static final int MIB = 1 << 20;
    private static final int[] LENGTHS = {MIB / 10, MIB / 3, MIB, 3 * MIB, 8 * MIB, 20 * MIB};
    private static final int PIECE = 64 * 1024;
    /** A slow client sends 6 MiB in a second. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** The digest with which a body is answered, before a space and its length. */
    @FunctionalInterface
    public interface Digest {

        /** @param content begins with the body, which has that length */
        String of(byte[] content, int length);
    }

    private final int port;
    private final String path;
    private final byte[] content = new byte[LENGTHS[LENGTHS.length - 1]];
    private final List<String> answers = new ArrayList<>();
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final Queue<String> broken = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    /** Starts so many clients. @param path answers the digest of a body */
    public Uploads(int port, int connections, long seed, String path, Digest digest) {
        this.port = port;
        this.path = path;
        new Random(seed).nextBytes(content);
        for (int length : LENGTHS) {
            answers.add(digest.of(content, length) + " " + length + "\n");
        }
        for (int i = 1; i <= connections; i++) {
            Random random = new Random(seed + i);
            boolean slow = i % 2 == 0;
            Thread client = new Thread(() -> send(random, slow), "upload-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** That of the example {@code /digest}. */
    public static String sha256(byte[] content, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(content, 0, length);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public long answered() {
        return answered.get();
    }

    /** How much was sent in requests that were answered. */
    public long mebibytes() {
        return bytes.get() / MIB;
    }

    /** The requests that were answered 502. */
    public List<String> lost() {
        return List.copyOf(lost);
    }

    /** Whatever else happened to a request. */
    public List<String> broken() {
        return List.copyOf(broken);
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> broken.add(client + " still waits for a response"));
    }

    private void send(Random random, boolean slow) {
        String what = "nothing";
        while (!stopped) {
            try (Http http = new Http(port)) {
                boolean kept = true;
                while (kept && !stopped) {
                    int length = random.nextInt(LENGTHS.length);
                    int way = random.nextInt(3);
                    what = Thread.currentThread().getName() + (slow ? " slowly " : " fast ") + LENGTHS[length]
                            + " bytes "
                            + List.of("with a length", "chunked", "after 100").get(way);
                    kept = request(http, what, length, way, slow);
                }
            } catch (IOException | RuntimeException e) {
                broken.add(what + ": " + e);
                return;
            }
        }
    }

    /** @return whether the connection is kept */
    private boolean request(Http http, String what, int number, int way, boolean slow) throws IOException {
        int length = LENGTHS[number];
        boolean chunked = way == 1;
        http.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + (chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n")
                + (way == 2 ? "Expect: 100-continue\r\n\r\n" : "\r\n"));
        if (way == 2) {
            http.receiveContinue();
        }
        for (int at = 0; at < length; at += PIECE) {
            int count = Math.min(PIECE, length - at);
            if (chunked) {
                http.send(Integer.toHexString(count) + "\r\n");
            }
            http.send(content, at, count);
            if (chunked) {
                http.send("\r\n");
            }
            if (slow) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        if (chunked) {
            http.send("0\r\n\r\n");
        }
        Http.Answer answer = http.receive();
        if (answer.status() == 502) {
            lost.add(what);
            return false;
        }
        if (answer.status() != 200 || !answer.text().equals(answers.get(number))) {
            throw new IOException("status " + answer.status() + ": " + answer.text());
        }
        answered.incrementAndGet();
        bytes.addAndGet(length);
        return true;
    }
}
