package org.handoff.worker.pool.internal.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import org.handoff.testkit.Fake;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** What workers get of a bundle. */
class BundleStoreTest {

    private static final String PLAIN = "Manifest-Version: 1.0\nBundle-SymbolicName: x\nBundle-Activator: x.Plain\n";

    @TempDir
    Path folder;

    private final Hashtable<String, String> headers = new Hashtable<>();
    private long modified = 7;
    private final Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
        case "getBundleId" -> 7L;
        case "getLastModified" -> modified;
        case "getHeaders" -> headers;
        case "getEntryPaths" ->
            Collections.enumeration(
                    arguments[0].equals("/")
                            ? List.of("META-INF/", "x/")
                            : arguments[0].equals("x/") ? List.of("x/Y.class") : List.of(JarFile.MANIFEST_NAME));
        case "getEntry" -> url((String) arguments[0]);
        default -> throw new UnsupportedOperationException(method);
    });

    private URL url(String path) {
        try {
            return folder.resolve(path).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void write() throws Exception {
        Files.createDirectories(folder.resolve("META-INF"));
        Files.createDirectories(folder.resolve("x"));
        Files.writeString(folder.resolve("x/Y.class"), "class");
    }

    @Test
    void copyIsAsTheBundle() throws Exception {
        Files.writeString(folder.resolve(JarFile.MANIFEST_NAME), PLAIN);
        try (JarFile copy = copy()) {
            assertEquals(PLAIN, text(copy, JarFile.MANIFEST_NAME));
            assertEquals("class", text(copy, "x/Y.class"));
            assertArrayEquals(
                    new String[] {JarFile.MANIFEST_NAME, "x/Y.class"},
                    copy.stream().map(Object::toString).toArray());
        }
    }

    @Test
    void activatorForWorkersIsTheCopys() throws Exception {
        Files.writeString(folder.resolve(JarFile.MANIFEST_NAME), PLAIN + "Handoff-Activator: x.Y\n");
        headers.put("Handoff-Activator", "x.Y");
        try (JarFile copy = copy()) {
            assertEquals("x.Y", copy.getManifest().getMainAttributes().getValue("Bundle-Activator"));
            assertEquals("x", copy.getManifest().getMainAttributes().getValue("Bundle-SymbolicName"));
            assertEquals("class", text(copy, "x/Y.class"));
        }
    }

    @Test
    void copyIsMadeOnceForABundleAsItIs() throws Exception {
        Files.writeString(folder.resolve(JarFile.MANIFEST_NAME), PLAIN);
        BundleStore store = new BundleStore(folder.resolve("store"));
        Path first = store.file(bundle);
        Files.writeString(folder.resolve("x/Y.class"), "other");
        assertEquals(first, store.file(bundle));
        assertEquals(first, new BundleStore(folder.resolve("store")).file(bundle), "after a restart");
        try (JarFile copy = new JarFile(first.toFile())) {
            assertEquals("class", text(copy, "x/Y.class"));
        }
        modified++;
        try (JarFile copy = copy()) {
            assertEquals("other", text(copy, "x/Y.class"));
        }
    }

    @Test
    void bundleThatCannotBeReadLeavesNothingBehind() throws Exception {
        assertThrows(IOException.class, this::copy);
        assertEquals(List.of(), stored());
    }

    @Test
    void whatNobodyUsesIsDeleted() throws Exception {
        Files.writeString(folder.resolve(JarFile.MANIFEST_NAME), PLAIN);
        BundleStore store = new BundleStore(folder.resolve("store"));
        Path old = store.file(bundle);
        modified++;
        Path present = store.file(bundle);
        Files.createFile(folder.resolve("store/bundle1.part"));
        store.keepOnly(Set.of(present));
        assertEquals(List.of(present), stored());
        store.keepOnly(Set.of(old));
        assertEquals(List.of(), stored());
    }

    private List<Path> stored() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("store"))) {
            return files.toList();
        }
    }

    private JarFile copy() throws Exception {
        return new JarFile(new BundleStore(folder.resolve("store")).file(bundle).toFile());
    }

    private static String text(JarFile jar, String path) throws Exception {
        return new String(jar.getInputStream(jar.getEntry(path)).readAllBytes(), UTF_8);
    }
}
