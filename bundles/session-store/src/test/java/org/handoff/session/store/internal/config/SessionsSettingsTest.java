package org.handoff.session.store.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import org.junit.jupiter.api.Test;

class SessionsSettingsTest {

    private static SessionsSettings of(Map<String, Object> values) {
        return SessionsSettings.of(TestSessionsConfig.of(values));
    }

    @Test
    void defaultsNeedNoFile() {
        SessionsSettings settings = of(Map.of());
        assertEquals(Runtime.getRuntime().maxMemory() / 100 * 10, settings.memory());
        assertEquals(1 << 20, settings.sessionBytes());
        assertEquals(100_000, settings.poolSessions());
    }

    @Test
    void refusesImpossibleValues() {
        refuses(Map.of("memory", "much"), "memory = much");
        refuses(Map.of("memory", "1k"), "memory = 1k");
        refuses(Map.of("memory", "8m", "session_memory", "3m"), "session.memory = 3m");
        refuses(Map.of("session_memory", "0"), "session.memory = 0");
        refuses(Map.of("pool_sessions", 0), "pool.sessions = 0");
    }

    private static void refuses(Map<String, Object> values, String named) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> of(values)).getMessage();
        assertTrue(message.contains(named), message);
    }
}
