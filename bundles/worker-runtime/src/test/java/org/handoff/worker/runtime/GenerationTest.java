package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationTest {

    @TempDir
    Path directory;

    private Generation read(String... lines) throws IOException, GenerationException {
        return Generation.read(Files.write(directory.resolve("generation.properties"), List.of(lines)));
    }

    @Test
    void readsWhatThePoolWrites() throws Exception {
        Generation generation = read(
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
        assertEquals(Map.of("http.header", "1000"), generation.http());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "generation=x | generation=x is not a number",
                "bundle.one=/a.jar | bundle.one=/a.jar has a key without a number",
                "bundle.2=a.jar | bundle.2=a.jar is not an absolute path",
                "handler.1.bundle=9 | handler.1.bundle=9 names none of the file's bundles",
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
        GenerationException e =
                assertThrows(GenerationException.class, () -> Generation.read(directory.resolve("none")));
        assertTrue(e.getMessage().contains(directory.resolve("none").toString()), e::getMessage);
    }
}
