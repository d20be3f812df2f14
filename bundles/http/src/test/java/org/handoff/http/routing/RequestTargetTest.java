package org.handoff.http.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a/b, /a/b",
        "/a//b, /a//b",
        "/a/./b, /a/b",
        "/a/../b, /b",
        "/a/b/.., /a/",
        "/a/b/., /a/b/",
        "/.., 400",
        "/a/../../b, 400",
        "/%2e%2e/x, 400",
        "/a/%2E%2e/b, /b",
        "/.hidden, /.hidden",
        "/..a, /..a",
        "/%41%c3%a4, /A\u00e4",
        "/a%20b, /a b",
        "/a%2Fb, 400",
        "/a%2fb, 400",
        "/a%00b, 400",
        "/a%0ab, 400",
        "/a%7fb, 400",
        "/a%, 400",
        "/a%4, 400",
        "/a%zz, 400",
        "/%c0%ae%c0%ae/, 400",
        "/%e0%80%ae, 400",
        "/%f0%80%80%ae, 400",
        "/a#b, 400",
        "/a;v=1/b, /a;v=1/b",
        "/a\\..\\b, /a\\..\\b",
        "/a+b, /a+b",
        "/%252e%252e/, /%2e%2e/",
        "/./, /",
        "/a/.., /"
    })
    void decodesPaths(String target, String expected) throws Exception {
        if (expected.equals("400")) {
            assertEquals(400, refused("GET", target, "h"));
        } else {
            assertEquals(expected, RequestTarget.parse("GET", target, "h").path());
        }
    }

    @Test
    void decodesRawUtf8AsTheDecoderDeliversIt() throws Exception {
        assertEquals("/\u00e4", RequestTarget.parse("GET", "/\u00c3\u00a4", "h").path());
        assertEquals(400, refused("GET", "/\u0001", "h"));
        assertEquals(400, refused("GET", "/a?b c", "h"));
    }

    @ParameterizedTest
    @CsvSource({"a.example., a.example", "A.Example.:8080, a.example", ".., .", "., ."})
    void aDotAtTheEndOfAHostIsTheSameHost(String field, String host) throws Exception {
        assertEquals(host, RequestTarget.parse("GET", "/", field).host());
        assertEquals(
                host,
                RequestTarget.parse("GET", "http://" + field + "/", "other").host());
    }

    /** Old clients and peers speak ISO 8859-1. */
    @ParameterizedTest
    @CsvSource({
        "/caf%E9, /caf\u00e9",
        "/caf\u00e9, /caf\u00e9",
        "/%ff%C3%A4%ff, /\u00ff\u00c3\u00a4\u00ff",
        "/%c0/%e0, /\u00c0/\u00e0",
        "/%ED%B3%A9/x, /\u00ed\u00b3\u00a9/x"
    })
    void keepsBytesThatAreNoUtf8(String target, String bytes) throws Exception {
        RequestTarget parsed = RequestTarget.parse("GET", target, "h");
        assertFalse(parsed.isUtf8());
        assertEquals(bytes, new String(RequestTarget.bytes(parsed.path()), StandardCharsets.ISO_8859_1));
        assertTrue(RequestTarget.parse("GET", "/caf%C3%A9/%F0%9F%98%80", "h").isUtf8());
    }

    @ParameterizedTest
    @CsvSource({
        "http://o:99/x?q, o:99, /x?q",
        "HTTP://o?q, o, /?q",
        "https://o, o, /",
        "/x?http://o/,, /x?http://o/",
        "*,, *"
    })
    void tellsAuthorityAndPathOfAnAbsoluteTarget(String target, String authority, String path) {
        assertEquals(authority, RequestTarget.authority(target));
        assertEquals(path, RequestTarget.originForm(target));
    }

    @Test
    void leavesTheQueryAlone() throws Exception {
        assertEquals(
                "b=%2F&c?d", RequestTarget.parse("GET", "/a?b=%2F&c?d", "h").query());
        assertEquals("", RequestTarget.parse("GET", "/a?", "h").query());
        assertEquals("/a", RequestTarget.parse("GET", "/a?..", "h").path());
        assertEquals(400, refused("GET", "/a?b#c", "h"));
    }

    @Test
    void anAbsoluteTargetWinsOverTheHostField() throws Exception {
        assertEquals(
                new RequestTarget("other.example", "/x", "q"),
                RequestTarget.parse("GET", "HTTP://Other.example:8080/x?q", "h"));
        assertEquals(new RequestTarget("o", "/", "q"), RequestTarget.parse("GET", "http://o?q", "h"));
        assertEquals(new RequestTarget("o", "/", ""), RequestTarget.parse("GET", "https://o", null));
        assertEquals(400, refused("GET", "http:///x", "h"));
        assertEquals(400, refused("GET", "http://user@o/x", "h"));
        assertEquals(400, refused("GET", "http://o/x", "bad host"));
        assertEquals(501, refused("GET", "ftp://o/x", "h"));
    }

    @Test
    void knowsTheOtherForms() throws Exception {
        assertEquals(new RequestTarget("h", "/", ""), RequestTarget.parse("OPTIONS", "*", "h"));
        assertEquals(400, refused("GET", "*", "h"));
        assertEquals(501, refused("CONNECT", "h:443", "h:443"));
        assertEquals(400, refused("GET", "h:443", "h"));
        assertEquals(400, refused("GET", "a/b", "h"));
        assertEquals(400, refused("GET", "", "h"));
    }

    @ParameterizedTest
    @CsvSource({
        "Example.ORG, example.org",
        "h:80, h",
        "h:, h",
        "'', ''",
        "127.0.0.1:8080, 127.0.0.1",
        "[::1]:8080, [::1]",
        "[2001:DB8::1], [2001:db8::1]",
        "a_b, a_b",
        "a%20b, a%20b"
    })
    void readsHosts(String field, String expected) throws Exception {
        assertEquals(expected, RequestTarget.parse("GET", "/", field).host());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b", "a/b", "a@b", "a:b", "a:70000", "a:1:2", "[::1", "[::1]x", "[x::1]", "[1]", ":80", "a%2", "a\\b",
                "a?b", "\u00e4", "::1"
            })
    void refusesBadHosts(String field) {
        assertEquals(400, refused("GET", "/", field));
    }

    @Test
    void aMissingHostIsEmpty() throws Exception {
        assertEquals("", RequestTarget.parse("GET", "/", null).host());
    }

    private static int refused(String method, String target, String host) {
        return assertThrows(MalformedRequestException.class, () -> RequestTarget.parse(method, target, host), target)
                .status();
    }
}
