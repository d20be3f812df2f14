package org.handoff.monitor.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Monitor;
import org.handoff.testkit.Client;
import org.handoff.testkit.Log;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever ends the monitor's loop, it never leaves a port that nobody listens to. */
@Timeout(300)
class RestartTest {

    private static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    private final List<Monitor> published = new CopyOnWriteArrayList<>();
    private final List<Monitor> withdrawn = new CopyOnWriteArrayList<>();
    private volatile int failingStarts;
    private final TestMonitor monitor = new TestMonitor(one -> {
        if (!published.isEmpty() && failingStarts-- > 0) {
            throw new OutOfMemoryError("by the test, once more");
        }
        published.add(one);
        return () -> withdrawn.add(one);
    });
    private final TestTarget a = new TestTarget();

    @AfterEach
    void stop() {
        monitor.close();
    }

    private void two() {
        monitor.add(a, 1, "/a");
        monitor.add(new TestTarget(), 2, "/b");
    }

    private static void outOfMemory() {
        throw new OutOfMemoryError("by the test");
    }

    private void restarted(int times) throws Exception {
        await("a new start", () -> monitor.component.status().restarts() == times);
        a.action = a::hold;
        try (Client client = new Client(monitor.port())) {
            client.send(A);
            TestTarget.Offer offer = a.next();
            offer.respond("anew");
            assertTrue(client.response().endsWith("anew"));
            monitor.onLoop(offer.connection()::cut);
        }
    }

    @Test
    void anErrorInAnEventOfAConnectionStartsTheMonitorAnew() throws Exception {
        two();
        String line = "The monitor has been started anew, 1 times so far; 2 connections that no worker had were lost";
        long before = Log.count(line);
        try (Client parked = new Client(monitor.port());
                Client client = new Client(monitor.port())) {
            await("both", () -> monitor.component.status().parked() == 2);
            a.action = connection -> outOfMemory();
            client.send(A);
            a.next();
            assertTrue(ends(client));
            assertTrue(ends(parked));
            restarted(1);
            assertEquals(2, monitor.component.status().lost());
            await("a line in the log", () -> Log.count(line) == before + 1);
            assertEquals(published.subList(0, 1), withdrawn);
            assertEquals(2, published.size());
            assertNotSame(published.get(0).loop(), published.get(1).loop());
            assertTrue(published.get(0).loop().isTerminated());
        }
    }

    @Test
    void anErrorInATaskStartsTheMonitorAnew() throws Exception {
        two();
        monitor.component.loop().execute(RestartTest::outOfMemory);
        restarted(1);
        monitor.component.loop().schedule(RestartTest::outOfMemory, 1, TimeUnit.MILLISECONDS);
        restarted(2);
        monitor.component.loop().scheduleAtFixedRate(RestartTest::outOfMemory, 1, 1000, TimeUnit.MILLISECONDS);
        restarted(3);
    }

    @Test
    void aStartThatFailsIsTriedAgain() throws Exception {
        two();
        failingStarts = 1;
        monitor.component.loop().execute(RestartTest::outOfMemory);
        restarted(1);
        assertEquals(2, published.size());
    }

    @Test
    void whatIsWrongWithOneConnectionEndsNoOther() throws Exception {
        two();
        try (Client parked = new Client(monitor.port());
                Client client = new Client(monitor.port())) {
            a.action = connection -> {
                throw new NoClassDefFoundError("by the test");
            };
            client.send(A);
            a.next();
            assertTrue(ends(client));
            a.action = a::hold;
            parked.send(A);
            a.next().respond("still here");
            assertTrue(parked.response().endsWith("still here"));
            assertEquals(0, monitor.component.status().restarts());
        }
    }

    @Test
    void nothingIsLeftOfTheFormerLoop() throws Exception {
        two();
        restartBy(1);
        OpenDescriptors before = OpenDescriptors.now();
        restartBy(2);
        restartBy(3);
        before.awaitSince("the present loop's listener alone", 1);
    }

    private void restartBy(int times) throws Exception {
        monitor.component.loop().execute(RestartTest::outOfMemory);
        restarted(times);
        await("the end of the client", () -> monitor.component.status().open() == 0);
    }

    private static boolean ends(Client client) throws IOException {
        return client.atEnd();
    }
}
