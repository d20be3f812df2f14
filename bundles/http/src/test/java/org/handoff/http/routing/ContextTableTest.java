package org.handoff.http.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextTableTest {

    private final ContextTable<Integer> table = ContextTable.of(List.of(
            new ContextTable.Entry<>("/app", "", 1),
            new ContextTable.Entry<>("/app/deep", "", 2),
            new ContextTable.Entry<>("/app", "", 3),
            new ContextTable.Entry<>("/app", "A.example", 4),
            new ContextTable.Entry<>("/", "b.example.", 5)));

    @ParameterizedTest
    @CsvSource({
        "x, /app, 1",
        "x, /app/, 1",
        "x, /app/y, 1",
        "x, /app/deep, 2",
        "x, /app/deep/y/z, 2",
        "x, /app/deeper, 1",
        "a.example, /app/deep, 4",
        "a.example, /app, 4",
        "b.example, /app, 5",
        "b.example, /, 5",
        "'', /app, 1"
    })
    void theLongestContextWinsAndAHostsOwnComeFirst(String host, String path, int value) {
        assertEquals(value, table.find(host, path).value());
    }

    @ParameterizedTest
    @CsvSource({"x, /apple", "x, /", "x, /App", "a.example, /other", "x, //app"})
    void otherPathsBelongToNone(String host, String path) {
        assertNull(table.find(host, path));
    }

    @Test
    void theRootContextHasEverything() {
        ContextTable<Integer> root = ContextTable.of(List.of(new ContextTable.Entry<>("/", "", 1)));
        assertEquals(1, root.find("", "/any/thing").value());
        assertEquals(1, root.find("", "//").value());
        assertNull(ContextTable.of(List.<ContextTable.Entry<Integer>>of()).find("", "/"));
    }

    @Test
    void ofEqualLinesTheFirstIsKept() {
        assertEquals(
                List.of(1, 2, 4, 5),
                table.entries().stream().map(ContextTable.Entry::value).toList());
    }

    @Test
    void normalisesContexts() {
        assertEquals("/app", ContextTable.validContext("/app/"));
        assertEquals("/", ContextTable.validContext("/"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "app", "//", "/a//b", "/a/../b", "/./a", "/a%20b", "/a?b", "/a#b", "/a\n", "/a//"})
    void refusesOtherContexts(String context) {
        String message = assertThrows(IllegalArgumentException.class, () -> ContextTable.validContext(context))
                .getMessage();
        assertTrue(message.contains('"' + context + '"'), message);
    }
}
