package org.handoff.worker.pool.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolSettingsTest {

    @Test
    void defaultsArePossible() {
        PoolSettings settings = of(Map.of(), Map.of());
        assertEquals(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                settings.workers().java());
        assertEquals(List.of(), settings.workers().javaOptions());
        assertEquals("64m", settings.workers().heap());
        assertEquals(Map.of(), settings.workers().http());
        assertEquals(Map.of(), settings.workers().environment());
        assertEquals(List.of(), settings.workers().warmup());
        assertEquals(
                new PoolPolicy(
                        2, 2, 2, 300, 60, 60, 1000, 10, 0, 20, 0, 20, 0, 0, 300, 10, new CrashLimit(5, 60), 5, null),
                settings.policy());
    }

    @Test
    void servletsMayHaveAHost() {
        assertNull(of(Map.of(), Map.of()).servlets());
        assertEquals("", of(Map.of("servlets", "(a=b)"), Map.of()).servlets().host());
        assertEquals(
                "shop.example.org",
                of(Map.of("servlets", "(a=b)", "servlets_host", " Shop.example.org. "), Map.of())
                        .servlets()
                        .host());
    }

    @ParameterizedTest
    @CsvSource({
        "'',example.org,there are no servlets",
        "(a=b),example.org:8080,without a port",
        "(a=b),http://example.org/,without a port",
        "(a=,'',not a filter"
    })
    void servletsThatAreNotPossibleAreNamed(String filter, String host, String message) {
        Map<String, Object> values = Map.of("servlets", filter, "servlets_host", host);
        String said = assertThrows(IllegalArgumentException.class, () -> of(values, Map.of()))
                .getMessage();
        assertTrue(said.contains(message), said);
    }

    @Test
    void valuesAreTakenAsTheyAreMeant() {
        PoolSettings settings = of(
                Map.of(
                        "java_options",
                        "  -Da=b   -Dc=d ",
                        "heap",
                        " 1g ",
                        "queue_length",
                        0,
                        "warmup",
                        " /a  /b?c=d ",
                        "max_memory",
                        "256m",
                        "max_memory_pool",
                        " 2G ",
                        "crash_limit",
                        "3 / 10"),
                Map.of("http.body.limit", " 5 ", "workers", "3", "environment.TZ", "UTC", "environment.empty_1", ""));
        assertEquals(List.of("-Da=b", "-Dc=d"), settings.workers().javaOptions());
        assertEquals("1g", settings.workers().heap());
        assertEquals(0, settings.policy().queueLength());
        assertEquals(Map.of("http.body.limit", "5"), settings.workers().http());
        assertEquals(Map.of("TZ", "UTC", "empty_1", ""), settings.workers().environment());
        assertEquals(List.of("/a", "/b?c=d"), settings.workers().warmup());
        assertEquals(256L << 20, settings.policy().maxMemory());
        assertEquals(2L << 30, settings.policy().maxMemoryPool());
        assertEquals(new CrashLimit(3, 10), settings.policy().crashLimit());
    }

    @Test
    void whatTheFewestAndTheMostWorkersAreFollowsFromTheNumberUnlessItIsSaid() {
        PoolPolicy fixed = of(Map.of("workers", 3), Map.of()).policy();
        assertEquals(List.of(3, 3, 3), List.of(fixed.minWorkers(), fixed.workers(), fixed.maxWorkers()));
        PoolPolicy said = of(Map.of("workers", 3, "min_workers", 0, "max_workers", 5), Map.of())
                .policy();
        assertEquals(List.of(0, 3, 5), List.of(said.minWorkers(), said.workers(), said.maxWorkers()));
        assertRefused(Map.of("workers", 0), "workers = 0", "1 or more");
        assertRefused(Map.of("workers", 0, "min_workers", 0, "max_workers", 0), "workers = 0", "max.workers");
        assertRefused(Map.of("workers", 3, "max_workers", 2), "workers = 3", "max.workers = 2");
        assertRefused(Map.of("workers", 3, "min_workers", 4), "workers = 3", "min.workers = 4");
        assertEquals(
                0, of(Map.of("workers", 0, "max_workers", 1), Map.of()).policy().workers());
    }

    @Test
    void onlyWhatWorkersHaveToKnowMakesAnotherGeneration() {
        PoolSettings one = of(Map.of(), Map.of());
        assertEquals(
                one.workers(),
                of(Map.of("workers", 5, "request_timeout", 1, "max_age", 3, "queue_length", 1), Map.of())
                        .workers());
        assertFalse(one.workers().equals(of(Map.of("heap", "65m"), Map.of()).workers()));
        assertFalse(one.workers().equals(of(Map.of("warmup", "/x"), Map.of()).workers()));
        assertFalse(
                one.workers().equals(of(Map.of(), Map.of("environment.A", "1")).workers()));
        assertFalse(one.workers().equals(of(Map.of(), Map.of("property.a", "1")).workers()));
    }

    @Test
    void poolNamesWhatWorkersHaveInAddition() {
        Brought brought = of(
                        Map.of("features", "a b", "bundles", " org.example.c ", "configurations", "(service.pid=x)"),
                        Map.of())
                .brought();
        assertEquals(List.of("a", "b"), brought.features());
        assertEquals(List.of("org.example.c"), brought.bundles());
        assertEquals("(service.pid=x)", brought.configurations().toString());
        assertEquals(Brought.NOTHING, of(Map.of(), Map.of()).brought());
        assertRefused(Map.of("configurations", "service.pid=x"), "configurations = service.pid=x", "write one like (");
    }

    @Test
    void sessionsAreInMemoryOrInADatabase() {
        Path socket = Path.of("/socket");
        assertEquals(
                "memory:/socket", of(Map.of(), Map.of()).workers().sessions().told(socket));
        SessionSettings jdbc = of(Map.of("sessions", "jdbc:(dataSourceName=sessions)"), Map.of())
                .workers()
                .sessions();
        assertEquals("jdbc:(dataSourceName=sessions)", jdbc.told(socket));
        assertFalse(jdbc.isMemory());
        for (String impossible : List.of("", "disk", "jdbc:", "jdbc:sessions")) {
            assertRefused(Map.of("sessions", impossible), "sessions = " + impossible, "write memory");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "workers, -1, write 0 or more",
        "start_timeout, 0, write 1 or more",
        "drain_timeout, -1, write 1 or more",
        "queue_length, -1, write 0 or more",
        "queue_timeout, 0, write 1 or more",
        "idle_timeout, 0, write 1 or more",
        "min_workers, -2, write -1 or more",
        "max_workers, -2, write -1 or more",
        "max_requests, -1, write 0 or more",
        "max_requests_jitter, 101, write 0 to 100",
        "max_requests_jitter, -1, write 0 to 100",
        "max_age, -1, write 0 or more",
        "max_age_jitter, 101, write 0 to 100",
        "request_timeout, -1, write 0 or more",
        "heartbeat, -1, write 0 or more"
    })
    void aNumberOutOfItsRangeIsRefused(String method, int value, String remedy) {
        assertRefused(Map.of(method, value), method.replace('_', '.') + " = " + value, remedy);
    }

    @Test
    void whatIsNoNumberIsRefusedByItsKey() {
        assertRefused(
                Map.of("start_timeout", new NumberFormatException("For input string: \"soon\"")),
                Map.of("start.timeout", "soon"),
                "start.timeout = soon",
                "write 1 or more");
    }

    @Test
    void whatIsNoSizeIsRefused() {
        for (String heap : List.of("", "much", "64mb", "-1m", "1 g", "64m -Xint")) {
            assertRefused(Map.of("heap", heap), "heap = " + heap, "like 64m");
        }
        for (String size : List.of("", "much", "64mb", "-1m", "1 g", "1234567890123")) {
            assertRefused(Map.of("max_memory", size), "max.memory = " + size, "like 256m");
            assertRefused(Map.of("max_memory_pool", size), "max.memory.pool = " + size, "like 256m");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5/", "/60", "0/60", "5/0", "-1/60", "5/60/1", "many/60", "12345678/1"})
    void aCrashLimitOfAnotherFormIsRefused(String limit) {
        assertRefused(Map.of("crash_limit", limit), "crash.limit = " + limit, "like 5/60");
    }

    @Test
    void aHomeWithoutJavaIsRefused() {
        assertRefused(Map.of("java_home", "/nowhere"), "java.home = /nowhere", "leave it empty");
    }

    @Test
    void aWarmUpThatIsNoPathIsRefused() {
        for (String path : List.of("hello", "http://localhost/", "/a%zz")) {
            assertRefused(Map.of("warmup", "/fine " + path), "warmup = " + path, "");
        }
    }

    @Test
    void aVariableThatCannotBeIsRefusedWithoutItsValue() {
        for (String name : List.of("", "1A", "A-B", "A B", "HANDOFF_WORKER")) {
            String message =
                    assertRefused(Map.of(), Map.of("environment." + name, "secret"), "environment." + name, "letters");
            assertFalse(message.contains("secret"), message);
        }
    }

    @Test
    void peersAreToldTheirContextAndEnvironment(@TempDir Path directory) {
        PoolSettings settings = of(
                Map.of(
                        "kind",
                        "lrwp",
                        "command",
                        " perl  app.pl ",
                        "directory",
                        directory.toString(),
                        "context",
                        "/some/app"),
                Map.of("environment.A", "1"));
        assertEquals(PoolKind.LRWP, settings.kind());
        assertEquals(List.of("perl", "app.pl"), settings.peers().command());
        assertEquals(directory, settings.peers().directory());
        assertEquals("some/app", settings.peers().name());
        assertEquals(Map.of("A", "1"), settings.peers().environment());
        assertEquals(
                "p",
                of(Map.of("kind", "lrwp", "command", "app"), Map.of()).peers().name());
        assertEquals(
                "/",
                of(Map.of("kind", "lrwp", "command", "app", "context", "/"), Map.of())
                        .peers()
                        .name());
        assertNull(of(Map.of(), Map.of()).peers());
    }

    @Test
    void cgiWrapperIsAJava(@TempDir Path directory) {
        PeerSettings settings = of(
                        Map.of(
                                "kind",
                                "cgi",
                                "directory",
                                directory.toString(),
                                "heap",
                                "20m",
                                "java_options",
                                "-Da=b",
                                "request_timeout",
                                7),
                        Map.of("environment.A", "1"))
                .peers();
        List<String> command =
                settings.program(Map.of("TOLD", "2"), Path.of("/wrapper.jar")).command();
        assertEquals(
                List.of(System.getProperty("java.home") + "/bin/java", "-cp", "/wrapper.jar", "-Xmx20m"),
                command.subList(0, 4));
        assertEquals(
                List.of("-Da=b", "org.handoff.lrwp.cgi.CgiMain", directory.toString(), "8", "7"),
                command.subList(command.size() - 5, command.size()));
        Map<String, String> environment =
                settings.program(Map.of("TOLD", "2"), Path.of("/wrapper.jar")).environment();
        assertEquals(
                Map.of("A", "1", "TOLD", "2", "HANDOFF_LRWP_NAME", "p", "PATH", System.getenv("PATH")), environment);
    }

    @Test
    void whatPeersCannotBeStartedWithIsRefused() {
        assertRefused(Map.of("kind", "perl"), "kind = perl", "java, native, lrwp or cgi");
        assertRefused(Map.of("kind", "lrwp"), "command is missing", "command = perl app.pl");
        assertRefused(
                Map.of("kind", "lrwp", "command", "app", "directory", "/nowhere"),
                "directory = /nowhere",
                "leave it empty");
        assertRefused(Map.of("kind", "lrwp", "command", "app", "min_workers", 0), "min.workers = 0", "1 or more");
        assertRefused(Map.of("kind", "cgi"), "directory = ", "/usr/lib/cgi-bin");
        assertRefused(Map.of("kind", "cgi", "directory", "/nowhere"), "directory = /nowhere", "/usr/lib/cgi-bin");
        assertRefused(Map.of("kind", "cgi", "directory", "/", "connections", 0), "connections = 0", "1 to 1000");
    }

    @Test
    void filesHaveAFolderAndContexts() {
        assertNull(of(Map.of("context", "/static"), Map.of()).files());
        assertEquals(
                new FilesSettings(Path.of("/"), Map.of("", List.of("/p"))),
                of(Map.of("files", " / "), Map.of()).files());
        assertEquals(
                Map.of("h.org", List.of("/static"), "", List.of("/a")),
                of(Map.of("files", "/", "context", "h.org/static /a"), Map.of())
                        .files()
                        .contexts());
        assertRefused(Map.of("files", "/nowhere"), "files = /nowhere", "/srv/www");
        assertRefused(Map.of("files", "target"), "files = target", "absolute");
        assertRefused(Map.of("files", "/", "context", "static"), "context = static", "/app");
        assertRefused(Map.of("files", "/", "kind", "cgi", "directory", "/"), "files = /", "leave it out");
    }

    private static PoolSettings of(Map<String, Object> values, Map<String, Object> properties) {
        return PoolSettings.of("p", TestPoolConfig.of(values), properties);
    }

    private static void assertRefused(Map<String, Object> values, String what, String remedy) {
        Map<String, Object> properties = new HashMap<>();
        values.forEach((method, value) -> properties.put(method.replace('_', '.'), value));
        assertRefused(values, properties, what, remedy);
    }

    private static String assertRefused(
            Map<String, Object> values, Map<String, Object> properties, String what, String remedy) {
        String message = assertThrows(IllegalArgumentException.class, () -> of(values, properties))
                .getMessage();
        assertTrue(message.contains(what), message);
        assertTrue(message.contains(remedy), message);
        return message;
    }
}
