package org.handoff.worker.pool.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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

class NativeSettingsTest {

    @TempDir
    Path folder;

    @Test
    void aCommandIsSplitAtSpacesOutsideOfQuotes() {
        assertEquals(
                List.of("/opt/app/worker", "--name", "two words", "it's", "", "a\"b", "--x=1 2", "\\n"),
                CommandLine.words(
                        "command", " /opt/app/worker\t--name 'two words' \"it's\" '' 'a\"b' --x='1 2'  \\n "));
        assertEquals(List.of(), CommandLine.words("command", "  "));
    }

    @Test
    void aQuoteThatIsNotClosedIsRefused() {
        assertRefused(Map.of("command", "app 'one two"), "command = app 'one two", "a quote ' is not closed");
    }

    @Test
    void contextsAreOfAnyHostOrOfOne() {
        NativeSettings settings = of(Map.of("command", "app", "context", " /app Example.org/a  example.org/b "));
        assertEquals(Map.of("", List.of("/app"), "example.org", List.of("/a", "/b")), settings.contexts());
        assertEquals("/app example.org/a example.org/b", settings.contextWords());
    }

    @Test
    void thePoolsNameIsTheContextWhereThereIsNoOther() {
        assertEquals("/shop", of(Map.of("command", "app")).contextWords());
    }

    @ParameterizedTest
    @CsvSource({"app, app is no context", "/a/../b, /a/../b is no context", "host/a/%2f, host/a/%2f is no context"})
    void whatIsNoContextIsRefused(String context, String reason) {
        assertRefused(Map.of("command", "app", "context", context), "context = " + context, reason);
    }

    @Test
    void aProgramNeedsACommandAndADirectoryThatIsThere() {
        assertRefused(Map.of(), "command is missing", "command = /opt/app/worker --flag");
        assertRefused(
                Map.of("command", "app", "directory", folder + "/none"),
                "directory = " + folder + "/none",
                "there is no such directory");
        assertEquals(
                folder,
                of(Map.of("command", "app", "directory", folder.toString())).directory());
        assertNull(of(Map.of("command", "app")).directory());
    }

    @Test
    void otherSettingsAreAnotherProgram() {
        NativeSettings one = of(Map.of("command", "app -v"));
        assertEquals(one, of(Map.of("command", "app   -v", "workers", 5)));
        assertNotEquals(one, of(Map.of("command", "app")));
        assertNotEquals(one, of(Map.of("command", "app -v", "context", "/other")));
    }

    @Test
    void anIdlePoolOfProgramsMayHaveNone() {
        PoolSettings settings = PoolSettings.of(
                "shop", TestPoolConfig.of(Map.of("kind", "native", "command", "app", "min_workers", 0)), Map.of());
        assertEquals(0, settings.policy().minWorkers());
        assertNull(settings.peers());
    }

    @Test
    void aPoolForAnyProtocolHasAnAddressInPlaceOfContexts() {
        NativeSettings settings = of(Map.of("command", "app", "protocol", " tcp", "listen", "[::]:7000 "));
        assertEquals(Map.of("", List.of("tcp://[::]:7000")), settings.contexts());
        assertEquals("", settings.contextWords());
        assertRefused(
                Map.of("command", "app", "protocol", "tcp", "listen", "0.0.0.0:7000", "context", "/app"),
                "context = /app: only HTTP has contexts");
        assertRefused(
                Map.of("command", "app", "protocol", "tcp", "listen", "0.0.0.0:7000", "warmup", "/app"),
                "warmup = /app: these requests are HTTP");
        assertRefused(Map.of("command", "app", "protocol", "tcp"), "listen is missing", "listen = 0.0.0.0:7000");
        assertRefused(Map.of("command", "app", "protocol", "udp"), "protocol = udp: no such protocol");
        assertRefused(Map.of("command", "app", "listen", "0.0.0.0:7000"), "listen = 0.0.0.0:7000: HTTP comes to");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7000", ":7000", "0.0.0.0", "0.0.0.0:", "0.0.0.0:0", "0.0.0.0:65536", "::1:7000", "a b:1"})
    void whatIsNoAddressIsRefused(String listen) {
        assertRefused(
                Map.of("command", "app", "protocol", "tcp", "listen", listen),
                "listen = " + listen + " is not an address and a port",
                "0.0.0.0:7000 or [::]:7000");
    }

    @Test
    void onlyNativePoolsHaveAProtocol() {
        for (Map<String, Object> values :
                List.<Map<String, Object>>of(Map.of("protocol", "tcp"), Map.of("listen", "0.0.0.0:7000"))) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> PoolSettings.of("shop", TestPoolConfig.of(values), Map.of()))
                    .getMessage();
            assertTrue(message.contains("only for pools of the kind native"), message);
        }
    }

    @Test
    void aProgramForDumpsIsToldTheProcess() {
        assertEquals(
                List.of("gdb", "-p", "17", "--name=17 of app"),
                settings(Map.of("command", "app", "dump_command", "gdb -p {pid} '--name={pid} of app'"))
                        .policy()
                        .dumpCommand()
                        .about(17));
        assertNull(settings(Map.of("command", "app")).policy().dumpCommand());
        assertRefused(
                Map.of("command", "app", "dump_command", "{pid} -batch"),
                "dump.command = {pid} -batch: names no process",
                "gdb -p {pid}");
        assertRefused(
                Map.of("command", "app", "dump_command", "gdb '{pid}"), "dump.command = gdb '{pid}", "is not closed");
    }

    @Test
    void onlyNativePoolsHaveAProgramForDumps() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> PoolSettings.of(
                                "shop", TestPoolConfig.of(Map.of("dump_command", "gdb -p {pid}")), Map.of()))
                .getMessage();
        assertTrue(message.contains("dump.command = gdb -p {pid}: only for pools of the kind native"), message);
    }

    private static NativeSettings of(Map<String, Object> values) {
        return settings(values).program();
    }

    private static PoolSettings settings(Map<String, Object> values) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("kind", "native");
        return PoolSettings.of("shop", TestPoolConfig.of(all), Map.of());
    }

    private static void assertRefused(Map<String, Object> values, String... words) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> of(values)).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }
}
