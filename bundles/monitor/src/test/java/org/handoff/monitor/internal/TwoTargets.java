package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.file.Path;

import org.handoff.monitor.internal.TestTarget.Offer;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real monitor with two targets, for tests of what becomes of connections. */
@Timeout(300)
abstract class TwoTargets {

    static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    static final String B = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
    static final String NOWHERE = "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n";

    @TempDir
    Path folder;

    final TestMonitor monitor = new TestMonitor();
    final TestTarget a = new TestTarget();
    final TestTarget b = new TestTarget();

    @AfterEach
    final void stop() {
        monitor.close();
    }

    final void two() {
        monitor.add(a, 1, "/a");
        monitor.add(b, 2, "/b");
    }

    final Client client() throws Exception {
        return new Client(monitor.port());
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    static Offer offered(Client client, TestTarget by) throws Exception {
        return by.next();
    }
}
