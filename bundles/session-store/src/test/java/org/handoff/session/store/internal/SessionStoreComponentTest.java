package org.handoff.session.store.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.handoff.session.store.internal.config.TestSessionsConfig;
import org.handoff.session.store.internal.server.StoreServer;
import org.handoff.worker.pool.api.PoolSessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionStoreComponentTest {

    @TempDir
    Path folder;

    private SessionStoreComponent component;

    @BeforeEach
    void start() throws IOException {
        component = new SessionStoreComponent(TestSessionsConfig.of(Map.of()), Map.of());
    }

    @AfterEach
    void stop() {
        component.stop();
    }

    private PoolSessions pool(String name) {
        return new PoolSessions() {

            @Override
            public String pool() {
                return name;
            }

            @Override
            public Path socket() {
                return folder.resolve(name);
            }
        };
    }

    @Test
    void hasASocketForEachPoolAsLongAsItIsThere() {
        component.addPool(pool("one"));
        component.addPool(pool("two"));
        assertEquals(List.of("one", "two"), pools());
        assertTrue(Files.exists(folder.resolve("one")));
        component.removePool(pool("one"));
        assertFalse(Files.exists(folder.resolve("one")));
        assertTrue(Files.exists(folder.resolve("two")));
        assertEquals(List.of("two"), pools());
        // The component runtime stops it first, and then takes its references away.
        component.stop();
        component.removePool(pool("two"));
        assertFalse(Files.exists(folder.resolve("two")));
    }

    private List<String> pools() {
        return component.pools().stream().map(StoreServer.PoolStatus::pool).toList();
    }

    @Test
    void impossibleConfigurationChangesNothingAndIsShown() {
        component.configure(TestSessionsConfig.of(Map.of("memory", "lots")), Map.of());
        assertTrue(component.problem().contains("etc/org.handoff.sessions.cfg has memory = lots"), component.problem());
        component.configure(TestSessionsConfig.of(Map.of()), Map.of("sesion.memory", "1m"));
        assertTrue(component.problem().contains("sesion.memory (the nearest is session.memory)"), component.problem());
        component.configure(TestSessionsConfig.of(Map.of()), Map.of());
        assertEquals("", component.problem());
        assertThrows(
                IllegalArgumentException.class,
                () -> new SessionStoreComponent(TestSessionsConfig.of(Map.of("pool_sessions", 0)), Map.of()));
    }
}
