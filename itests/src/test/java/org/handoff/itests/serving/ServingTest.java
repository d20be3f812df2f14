package org.handoff.itests.serving;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OurKaraf.class)
class ServingTest {

    private static final int MIB_64 = 64 << 20;
    private static final int NOISE_BLOCK = 8192;

    private final Karaf karaf;

    ServingTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void anotherLivingProcessThanKarafAnswers() throws Exception {
        Http.Answer answer = karaf.get("/hello");
        assertEquals(200, answer.status());
        long pid = pidIn(answer);
        assertNotEquals(karaf.pid(), pid);
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent(), "process " + pid);
        assertTrue(karaf.workers().stream().anyMatch(worker -> worker.pid() == pid), "a child of Karaf: " + pid);
    }

    @Test
    void takes64MiB() throws Exception {
        byte[] body = noise(MIB_64);
        Http.Answer answer = Http.post(karaf.httpPort(), "/digest", body);
        assertEquals(200, answer.status());
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        assertEquals(digest + " " + MIB_64 + "\n", answer.text());
    }

    @Test
    void gives64MiB() throws Exception {
        Http.Answer answer = karaf.get("/digest?bytes=" + MIB_64);
        assertEquals(200, answer.status());
        assertEquals(MIB_64, answer.body().length);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        assertArrayEquals(sha256.digest(noise(MIB_64)), sha256.digest(answer.body()));
    }

    @Test
    void contextIsWholeSegments() throws Exception {
        assertEquals(200, karaf.get("/hello/below?query").status());
        assertEquals(404, karaf.get("/hellox").status());
        assertEquals(404, karaf.get("/unknown").status());
        assertEquals(404, karaf.get("/").status());
    }

    @Test
    void connectionServesContextAfterContext() throws Exception {
        try (Http http = new Http(karaf.httpPort())) {
            for (String target : new String[] {"/hello", "/digest?bytes=3", "/unknown", "/hello"}) {
                http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals(
                        target.equals("/unknown") ? 404 : 200, http.receive().status(), target);
            }
        }
    }

    /** The bytes that the example streams. */
    private static byte[] noise(int bytes) {
        Random random = new Random(1);
        byte[] noise = new byte[bytes];
        byte[] block = new byte[NOISE_BLOCK];
        for (int at = 0; at < bytes; at += NOISE_BLOCK) {
            random.nextBytes(block);
            System.arraycopy(block, 0, noise, at, Math.min(NOISE_BLOCK, bytes - at));
        }
        return noise;
    }
}
