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

    private static NativeSettings of(Map<String, Object> values) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("kind", "native");
        return PoolSettings.of("shop", TestPoolConfig.of(all), Map.of()).program();
    }

    private static void assertRefused(Map<String, Object> values, String... words) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> of(values)).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }
}
