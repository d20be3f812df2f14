package org.handoff.worker.api.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestResponseTest {

    private final TestResponse response = new TestResponse();

    @Test
    void keepsWhatWasAnswered() {
        response.status(201)
                .header("A", "1")
                .header("a", "2")
                .addHeader("A", "3")
                .send("né");
        assertEquals(201, response.status());
        assertEquals(List.of("2", "3"), response.headers().all("A"));
        assertEquals("né", response.text());
        assertEquals(
                "text/plain; charset=utf-8",
                response.headers().first("Content-Type").orElseThrow());
    }

    @Test
    void nothingChangesOnceTheBodyHasBegun() throws IOException {
        OutputStream body = response.stream();
        body.write('x');
        assertThrows(IllegalStateException.class, () -> response.status(200));
        assertThrows(IllegalStateException.class, () -> response.header("A", "1"));
        assertThrows(IllegalStateException.class, () -> response.addHeader("A", "1"));
        assertThrows(IllegalStateException.class, () -> response.send("y"));
        assertThrows(IllegalStateException.class, () -> response.send(new byte[1]));
        assertThrows(IllegalStateException.class, () -> response.send(Path.of("y")));
        assertThrows(IllegalStateException.class, response::stream);
        assertEquals("x", response.text());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 199, 600})
    void refusesAStatusThatIsNotTheHandlers(int status) {
        assertThrows(IllegalArgumentException.class, () -> response.status(status));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "date", "Connection", "two words", "", "colon:"})
    void refusesAFieldThatIsNotTheHandlers(String name) {
        assertThrows(IllegalArgumentException.class, () -> response.header(name, "x"));
        assertThrows(IllegalArgumentException.class, () -> response.addHeader(name, "x"));
    }

    @Test
    void refusesAValueThatSmugglesInAnotherField() {
        assertThrows(IllegalArgumentException.class, () -> response.header("A", "b\r\nSet-Cookie: c"));
        response.header("A", "a tab\tis none");
        assertEquals("a tab\tis none", response.headers().first("A").orElseThrow());
    }

    @Test
    void anythingElseCanBeSentForAMissingFile(@TempDir Path folder) throws IOException {
        assertThrows(IOException.class, () -> response.send(folder.resolve("missing")));
        assertThrows(IOException.class, () -> response.send(folder));
        Path file = Files.write(folder.resolve("file"), "content".getBytes(StandardCharsets.UTF_8));
        response.send(file);
        assertEquals("content", response.text());
    }
}
