package org.handoff.worker.protocol.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.Vector;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations come out of their files as they went in. */
class ConfigurationFileTest {

    @TempDir
    Path directory;

    private SortedMap<String, Object> written(Map<String, ?> properties) throws IOException {
        return ConfigurationFile.read(
                Files.write(directory.resolve("configuration"), ConfigurationFile.bytes(properties)));
    }

    @Test
    void keepsValuesWithTheirTypes() throws Exception {
        Map<String, Object> scalars = Map.of(
                "text",
                "gr\u00fc\u00df\nand =",
                "int",
                1,
                "long",
                2L,
                "float",
                1.5f,
                "double",
                -0.1,
                "byte",
                (byte) 3,
                "short",
                (short) 4,
                "char",
                '\u00e4',
                "boolean",
                true,
                "",
                "");
        assertEquals(scalars, written(scalars));
        Map<String, Object> arrays = Map.of(
                "texts",
                new String[] {"a", ""},
                "none",
                new Long[0],
                "ints",
                new int[] {1, -2},
                "chars",
                new char[] {'a'},
                "boxed",
                new Boolean[] {true, false});
        SortedMap<String, Object> read = written(arrays);
        assertEquals(arrays.keySet(), read.keySet());
        arrays.forEach((key, value) -> {
            assertEquals(value.getClass(), read.get(key).getClass());
            assertArrayEquals(new Object[] {value}, new Object[] {read.get(key)});
        });
        assertEquals(
                Map.of("several", List.of("a", 1), "none", List.of()),
                written(Map.of("several", new Vector<>(Arrays.asList("a", 1)), "none", List.of())));
    }

    @Test
    void equalConfigurationsAreEqualBytes() {
        Map<String, Object> one = new HashMap<>();
        Map<String, Object> other = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            one.put("k" + i, i);
            other.put("k" + (39 - i), 39 - i);
        }
        assertArrayEquals(ConfigurationFile.bytes(one), ConfigurationFile.bytes(other));
    }

    @Test
    void refusesWhatIsNoConfiguration() throws Exception {
        assertThrows(
                IllegalArgumentException.class,
                () -> ConfigurationFile.bytes(Map.of("thread", Thread.currentThread())));
        for (String text : Set.of("", "12345678", "\0\0\0\1\0\0\0\1a\0\77")) {
            Path file = Files.writeString(directory.resolve("none"), text);
            assertThrows(IOException.class, () -> ConfigurationFile.read(file), text);
        }
    }
}
