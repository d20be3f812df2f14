package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class EnvironmentTest {

    @Test
    void endsEachPairAndTheBlock() {
        byte[] block = new Environment()
                .put("A", "1")
                .put("PATH_INFO", "/\u00E9", UTF_8)
                .put("EMPTY", "")
                .toBytes();
        assertEquals("A=1\0PATH_INFO=/\u00C3\u00A9\0EMPTY=\0\0", new String(block, ISO_8859_1));
    }

    @Test
    void valueCannotEndItsPair() {
        assertEquals(
                "A=1B=2\0\0", new String(new Environment().put("A", "1\0B=2").toBytes(), ISO_8859_1));
    }

    @Test
    void passesFieldsAsTheyCame() {
        assertEquals(
                "HTTP_ACCEPT=a, b\0HTTP_COOKIE=x=1; y=2\0HTTP_X_LATIN=\u00E9\0\0",
                fields(
                        Map.entry("Accept", "a"),
                        Map.entry("Cookie", "x=1"),
                        Map.entry("accept", "b"),
                        Map.entry("Cookie", "y=2"),
                        Map.entry("X-Latin", "\u00E9")));
    }

    @Test
    void keepsBackWhatIsNotForPrograms() {
        assertEquals(
                "\0",
                fields(
                        Map.entry("Proxy", "http://evil.example"),
                        Map.entry("PROXY", "x"),
                        Map.entry("Connection", "close"),
                        Map.entry("Transfer-Encoding", "chunked"),
                        Map.entry("X_Real_IP", "1.2.3.4"),
                        Map.entry("a=b", "c"),
                        Map.entry("Content-Length", "4")));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static String fields(Map.Entry<String, String>... fields) {
        return new String(new Environment().putFields(List.of(fields)).toBytes(), ISO_8859_1);
    }
}
