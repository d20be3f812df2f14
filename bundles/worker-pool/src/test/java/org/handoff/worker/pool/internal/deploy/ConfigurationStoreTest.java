package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.handoff.worker.protocol.generation.ConfigurationFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationStoreTest {

    @TempDir
    Path folder;

    @Test
    void equalConfigurationsAreOneFileThatOthersCannotRead() throws Exception {
        ConfigurationStore store = new ConfigurationStore(folder.resolve("own"));
        Path one = store.file(Map.of("password", "secret", "n", 1));
        assertEquals(one, store.file(Map.of("n", 1, "password", "secret")));
        assertNotEquals(one, store.file(Map.of("n", 2, "password", "secret")));
        assertEquals(Map.of("password", "secret", "n", 1), ConfigurationFile.read(one));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(one)));
        assertEquals("rwx--x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(one.getParent())));
        store.keepOnly(Set.of(one));
        try (Stream<Path> files = Files.list(one.getParent())) {
            assertEquals(List.of(one), files.toList());
        }
    }

    @Test
    void namesTellNothing() throws Exception {
        Path one = new ConfigurationStore(folder).file(Map.of("pin", "1234"));
        Path other = new ConfigurationStore(folder).file(Map.of("pin", "1234"));
        assertNotEquals(one, other);
        assertFalse(Files.exists(one), "a file of a former life");
    }
}
