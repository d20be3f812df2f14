package org.handoff.servlet.internal.session.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.handoff.session.protocol.SocketAddresses;
import org.handoff.session.store.internal.config.SessionsSettings;
import org.handoff.session.store.internal.server.StoreServer;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client of Karaf's memory, with the store as it runs in Karaf. */
class MemoryStoreTest extends SessionStoreContract {

    private static final SessionsSettings SETTINGS = new SessionsSettings(64 << 20, 1 << 20, 1000);

    @TempDir
    Path folder;

    private StoreServer server;

    @BeforeEach
    void start() throws IOException {
        if (server == null) {
            server = new StoreServer(SETTINGS);
            server.open("pool", folder.resolve("pool"));
            server.open("another", folder.resolve("another"));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    SessionStore connect(String pool) throws IOException {
        start();
        return new MemoryStore(folder.resolve(pool));
    }

    @Test
    void storeThatIsStartedAnewIsFoundAgain() throws IOException {
        one.save(ID, made(0, Map.of("a", bytes(1))));
        other.load(ID);
        server.close();
        StoreAwayException away = assertThrows(StoreAwayException.class, () -> one.load(ID));
        assertEquals(503, away.status());
        assertTrue(away.getMessage().contains(folder.resolve("pool").toString()), away.getMessage());
        server = null;
        start();
        // Its memory has gone, and nothing else.
        assertFalse(one.load(ID).isPresent());
        assertTrue(other.save(ID, made(0, Map.of("a", bytes(2)))));
        assertArrayEquals(bytes(2), one.load(ID).orElseThrow().attributes().get("a"));
    }

    @Test
    void storeThatIsStartedAnewBetweenTwoRequestsIsNotNoticed() throws IOException {
        one.save(ID, made(0, Map.of()));
        server.close();
        server = null;
        start();
        assertTrue(one.save(ID, made(0, Map.of())));
    }

    @Test
    void hangingStoreIsNotWaitedForLong() throws IOException {
        Path socket = folder.resolve("hanging");
        try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                SessionStore store = new MemoryStore(socket)) {
            hanging.bind(SocketAddresses.of(socket));
            String message =
                    assertThrows(StoreAwayException.class, () -> store.load(ID)).getMessage();
            assertTrue(message.contains("no answer within 5 s"), message);
        }
    }

    @Test
    void connectionsAreUsedAgain() {
        for (int i = 0; i < 1000; i++) {
            one.load(ID);
        }
        assertEquals(1, server.pools().get(1).connections());
        one.close();
        one.load(ID);
    }

    @Test
    void limitOfTheStoreIsNamed() {
        one.save(ID, made(0, Map.of("a", new byte[600_000])));
        for (int size : new int[] {600_000, 2_000_000}) {
            String message = assertThrows(
                            SessionTooLargeException.class,
                            () -> one.save(ID, changed(Set.of(), Map.of("b", new byte[size]))))
                    .getMessage();
            assertTrue(message.contains("1048576 is the most") && message.contains("session.memory"), message);
        }
        assertEquals(Set.of("a"), one.load(ID).orElseThrow().attributes().keySet());
    }

    @Test
    void raisedLimitHelpsAWorkerThatIsConnected() {
        one.save(ID, made(0, Map.of()));
        server.settings(new SessionsSettings(64 << 20, 2 << 20, 1000));
        Await.awaitEquals("no connection", 0, () -> server.pools().get(1).connections());
        assertTrue(one.save(ID, changed(Set.of(), Map.of("a", new byte[1_500_000]))));
    }

    @Test
    void poolsNameTheirStores() {
        SessionStores.of("memory:" + folder.resolve("pool"), "pool", null).load(ID);
        assertTrue(assertThrows(IllegalStateException.class, () -> SessionStores.of(null, "pool", null))
                .getMessage()
                .contains("HANDOFF_SESSIONS = null"));
    }
}
