package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.handoff.testkit.Fake;
import org.handoff.worker.pool.api.PoolSessions;
import org.handoff.worker.pool.internal.config.SessionSettings;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.ServiceRegistration;

class MemorySessionsTest {

    private static final SessionSettings DATABASE = new SessionSettings(Fake.of(Filter.class, (method, none) -> null));

    private final List<PoolSessions> registered = new ArrayList<>();
    private final BundleContext context = Fake.of(BundleContext.class, (method, arguments) -> {
        PoolSessions sessions = (PoolSessions) arguments[1];
        registered.add(sessions);
        return Fake.of(ServiceRegistration.class, (unregister, none) -> {
            registered.remove(sessions);
            return null;
        });
    });

    private final MemorySessions sessions = new MemorySessions(context, "p", Path.of("/socket"));

    @Test
    void poolWithSessionsInMemoryAsksForASocketUntilItEnds() {
        sessions.configure(SessionSettings.MEMORY);
        sessions.configure(SessionSettings.MEMORY);
        assertEquals(List.of(sessions), registered);
        assertEquals("p", sessions.pool());
        assertEquals(Path.of("/socket"), sessions.socket());
        // Its former workers finish their requests.
        sessions.configure(DATABASE);
        assertEquals(List.of(sessions), registered);
        sessions.close();
        sessions.close();
        assertEquals(List.of(), registered);
    }

    @Test
    void poolWithSessionsInADatabaseAsksForNone() {
        sessions.configure(DATABASE);
        assertEquals(List.of(), registered);
        sessions.configure(SessionSettings.MEMORY);
        assertEquals(List.of(sessions), registered);
    }
}
