package org.handoff.worker.protocol.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Read and written, line for line as docs/worker-protocol.md says. */
class GenerationFileTest {

    @TempDir
    Path directory;

    private GenerationFile read(String... lines) throws IOException, GenerationException {
        return GenerationFile.read(
                Files.write(directory.resolve("generation.properties"), List.of(lines)), GenerationFileTest::context);
    }

    /** As who routes it may want it. */
    private static String context(String context) {
        if (!context.startsWith("/")) {
            throw new IllegalArgumentException("no path");
        }
        return context.length() > 1 && context.endsWith("/") ? context.substring(0, context.length() - 1) : context;
    }

    @Test
    void writesWhatWorkersServe() throws Exception {
        Path file = directory.resolve("generation.properties");
        new GenerationFile(
                        7,
                        new TreeMap<>(Map.of(1, Path.of("/a.jar"), 10, Path.of("/caf\u00e9 .jar"))),
                        List.of(
                                new HandlerEntry(1, 10, "org.x.Hello", List.of("/a", "/\u00fc b"), ""),
                                new HandlerEntry(2, 1, null, List.of("/c"), "h.org")),
                        new TreeMap<>(Map.of(1, Path.of("/c1"), 2, Path.of("/c2"))),
                        List.of(
                                new BundleGroup(new TreeSet<>(Set.of(1, 10)), new TreeSet<>(Set.of(1, 2))),
                                new BundleGroup(Set.of(10), Set.of())),
                        Map.of("http.header", "1000"),
                        Map.of("x.y", " z"))
                .write(file);
        // Without the comment, which is the time.
        assertEquals(
                Set.of(
                        "generation=7",
                        "bundle.1=/a.jar",
                        "bundle.10=/caf\u00e9 .jar",
                        "handler.1.bundle=10",
                        "handler.1.component=org.x.Hello",
                        "handler.1.host=",
                        "handler.1.context.1=/a",
                        "handler.1.context.2=/\u00fc b",
                        "handler.2.bundle=1",
                        "handler.2.host=h.org",
                        "handler.2.context.1=/c",
                        "configuration.1=/c1",
                        "configuration.2=/c2",
                        "group.1=1 10",
                        "group.1.configurations=1 2",
                        "group.2=10",
                        "property.x.y=\\ z",
                        "http.header=1000"),
                Files.readAllLines(file).stream()
                        .filter(line -> !line.startsWith("#"))
                        .collect(Collectors.toSet()));
    }

    @Test
    void readsWhatThePoolWrites() throws Exception {
        GenerationFile generation = read(
                "generation=7",
                "bundle.2=/b.jar",
                "bundle.10=/c.jar",
                "bundle.1=/a.jar",
                "handler.2.bundle=10",
                "handler.2.context.1=/plain",
                "handler.2.host=WWW.Example.org",
                "handler.1.bundle=1",
                "handler.1.component=org.x.Hello",
                "handler.1.context.2=/b",
                "handler.1.context.1=/a/",
                "handler.1.host=",
                "group.2=10 1",
                "group.2.configurations=7",
                "group.1=2 1",
                "configuration.7=/c7",
                "property.x.y=\\ z",
                "http.header=1000");
        assertEquals(7, generation.number());
        assertEquals(
                List.of(Path.of("/a.jar"), Path.of("/b.jar"), Path.of("/c.jar")),
                List.copyOf(generation.bundles().values()));
        assertEquals(
                List.of(
                        new HandlerEntry(1, 1, "org.x.Hello", List.of("/a", "/b"), ""),
                        new HandlerEntry(2, 10, null, List.of("/plain"), "www.example.org")),
                generation.handlers());
        assertEquals(
                List.of(new BundleGroup(Set.of(1, 2), Set.of()), new BundleGroup(Set.of(1, 10), Set.of(7))),
                generation.groups());
        assertEquals(Map.of(7, Path.of("/c7")), generation.configurations());
        assertEquals(Map.of("x.y", " z"), generation.properties());
        assertEquals(Map.of("http.header", "1000"), generation.http());
    }

    @Test
    void filesAreAHandlerWithoutABundle() throws Exception {
        HandlerEntry files = HandlerEntry.ofFiles(1, Path.of("/srv/www"), List.of("/static"), "");
        Path file = directory.resolve("generation.properties");
        new GenerationFile(7, new TreeMap<>(), List.of(files)).write(file);
        List<String> lines = Files.readAllLines(file);
        assertTrue(lines.contains("handler.1.files=/srv/www"), lines::toString);
        assertEquals(
                List.of(files),
                GenerationFile.read(file, GenerationFileTest::context).handlers());
        assertThrows(
                GenerationException.class, () -> read("generation=7", "handler.1.files=srv", "handler.1.context.1=/a"));
        assertThrows(
                GenerationException.class,
                () -> read(
                        "generation=7",
                        "bundle.1=/a.jar",
                        "handler.1.files=/srv",
                        "handler.1.bundle=1",
                        "handler.1.context.1=/a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "generation=x | generation=x is not a number",
                "bundle.one=/a.jar | bundle.one=/a.jar has a key without a number",
                "bundle.2=a.jar | bundle.2=a.jar is not an absolute path",
                "handler.1.bundle=9 | handler.1.bundle=9 names none of the file's bundles",
                "group.1=1 9 | group.1=9 names none of the file's bundles",
                "group.1=1 x | group.1=x is not a number",
                "group.2.configurations=1 | the key group.2 is missing",
                "configuration.1=c | configuration.1=c is not an absolute path",
                "group.one=1 | group.one=1 has a key without a number",
                "handler.1.context.1=hello | handler.1.context.1=hello is not usable",
                "handler.1.colour=red | handler.1.colour=red is not known",
                "colour=red | colour=red is not known",
                "handler.2.context.1=/x | the key handler.2.bundle is missing",
                "handler.2.bundle=1 | the key handler.2.context.1 is missing",
            })
    void namesFileKeyAndValueOfWhatIsWrong(String line, String message) {
        GenerationException e = assertThrows(
                GenerationException.class,
                () -> read("generation=1", "bundle.1=/a.jar", "handler.1.bundle=1", "handler.1.context.1=/a", line));
        assertTrue(
                e.getMessage()
                        .contains(directory.resolve("generation.properties").toString()),
                e::getMessage);
        assertTrue(e.getMessage().contains(message), e::getMessage);
    }

    @Test
    void saysWhichFileItCannotRead() {
        GenerationException e = assertThrows(
                GenerationException.class,
                () -> GenerationFile.read(directory.resolve("none"), GenerationFileTest::context));
        assertTrue(e.getMessage().contains(directory.resolve("none").toString()), e::getMessage);
    }
}
