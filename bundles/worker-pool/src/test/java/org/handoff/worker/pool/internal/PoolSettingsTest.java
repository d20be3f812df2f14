package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolSettingsTest {

    @Test
    void defaultsArePossible() {
        PoolSettings settings = PoolSettings.of("p", TestPoolConfig.of(Map.of()), Map.of());
        assertEquals(2, settings.workers());
        assertEquals(Path.of(System.getProperty("java.home"), "bin", "java"), settings.java());
        assertEquals(List.of(), settings.javaOptions());
        assertEquals("64m", settings.heap());
        assertEquals(Map.of(), settings.http());
    }

    @Test
    void valuesAreTakenAsTheyAreMeant() {
        PoolSettings settings = PoolSettings.of("p",
                TestPoolConfig.of(Map.of("java_options", "  -Da=b   -Dc=d ", "heap", " 1g ", "queue_length", 0)),
                Map.of("http.body.limit", " 5 ", "workers", "3"));
        assertEquals(List.of("-Da=b", "-Dc=d"), settings.javaOptions());
        assertEquals("1g", settings.heap());
        assertEquals(0, settings.queueLength());
        assertEquals(Map.of("http.body.limit", "5"), settings.http());
    }

    @ParameterizedTest
    @CsvSource({
        "workers, 0, write 1 or more", "start_timeout, 0, write 1 or more", "drain_timeout, -1, write 1 or more",
        "queue_length, -1, write 0 or more", "queue_timeout, 0, write 1 or more"})
    void aNumberThatIsTooSmallIsRefused(String method, int value, String remedy) {
        assertRefused(Map.of(method, value), Map.of(), method.replace('_', '.') + " = " + value, remedy);
    }

    @Test
    void whatIsNoNumberIsRefusedByItsKey() {
        assertRefused(Map.of("start_timeout", new NumberFormatException("For input string: \"soon\"")),
                Map.of("start.timeout", "soon"), "start.timeout = soon", "write 1 or more");
    }

    @Test
    void aHeapThatIsNoSizeIsRefused() {
        for (String heap : List.of("", "much", "64mb", "-1m", "1 g", "64m -Xint")) {
            assertRefused(Map.of("heap", heap), Map.of(), "heap = " + heap, "like 64m");
        }
    }

    @Test
    void aHomeWithoutJavaIsRefused() {
        assertRefused(Map.of("java_home", "/nowhere"), Map.of(), "java.home = /nowhere", "leave it empty");
    }

    private static void assertRefused(Map<String, Object> values, Map<String, Object> properties, String what,
            String remedy) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> PoolSettings.of("p", TestPoolConfig.of(values), properties)).getMessage();
        assertTrue(message.contains(what), message);
        assertTrue(message.contains(remedy), message);
    }
}
