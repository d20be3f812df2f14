package org.handoff.worker.pool.internal.description;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Pool;
import org.junit.jupiter.api.Test;

class ActivatorHeadersTest {

    @Test
    void eachClauseIsAHandler() {
        List<Map<String, Object>> handlers = new ActivatorHeaders(
                        "x.Y", "/a; /b ;host=example.org , \"/c,d;e\";pool = \"special\";host=x,/f=g")
                .handlers();
        assertEquals(3, handlers.size());
        assertHandler(handlers.get(0), "example.org", null, "/a", "/b");
        assertHandler(handlers.get(1), "x", "special", "/c,d;e");
        assertHandler(handlers.get(2), null, null, "/f=g");
    }

    @Test
    void headerMayBeAsLongAsAManifestAllows() {
        String path = "/" + "a".repeat(60_000);
        assertHandler(new ActivatorHeaders("x.Y", path).handlers().get(0), null, null, path);
    }

    @Test
    void whatIsNotUnderstoodIsNamed() {
        assertRefused("x.Y", null, "Handoff-Activator and no Handoff-Context");
        assertRefused(null, "/a", "Handoff-Context and no Handoff-Activator");
        assertRefused("x.Y", "hello", "\"hello\"");
        assertRefused("x.Y", "/a;hosts=x", "\"hosts=x\"");
        assertRefused("x.Y", "/a, host=x", "\"host=x\"");
    }

    private static void assertHandler(Map<String, Object> handler, String host, String pool, String... contexts) {
        assertArrayEquals(contexts, (String[]) handler.get(HandoffContext.PROPERTY));
        assertEquals(host, handler.get(Host.PROPERTY));
        assertEquals(pool, handler.get(Pool.PROPERTY));
    }

    private static void assertRefused(String activator, String contexts, String words) {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new ActivatorHeaders(activator, contexts).handlers())
                .getMessage();
        assertTrue(message.contains(words), message);
    }
}
