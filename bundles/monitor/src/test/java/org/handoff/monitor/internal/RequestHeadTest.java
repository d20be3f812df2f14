package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.handoff.http.routing.MalformedRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a HTTP/1.1\nHost: h\n\n",
        "\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"})
    void isIncompleteUntilItsLastByte(String head) throws Exception {
        byte[] bytes = (head + "rest").getBytes(ISO_8859_1);
        for (int length = 0; length < head.length(); length++) {
            assertNull(RequestHead.parse(bytes, length, Math.max(0, length - 1)), "with " + length + " bytes");
        }
        for (int length = head.length(); length <= bytes.length; length++) {
            RequestHead parsed = RequestHead.parse(bytes, length, head.length() - 1);
            assertNotNull(parsed);
            assertEquals(head.length(), parsed.length());
            assertEquals("/a", parsed.target().path());
            assertEquals("h", parsed.target().host());
        }
    }

    @Test
    void whatCannotBeRoutedHasItsStatus() {
        assertEquals(400, statusOf("GET / HTTP/1.1 x\r\n\r\n"));
        assertEquals(400, statusOf("GET /\r\n\r\n"));
        assertEquals(400, statusOf(" / HTTP/1.1\r\n\r\n"));
        assertEquals(400, statusOf("GET nowhere HTTP/1.1\r\n\r\n"));
        assertEquals(400, statusOf("GET / FTP/1.1\r\n\r\n"));
        assertEquals(400, statusOf("GET /%zz HTTP/1.1\r\n\r\n"));
        assertEquals(400, statusOf("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"));
        assertEquals(505, statusOf("GET / HTTP/2.0\r\n\r\n"));
        assertEquals(501, statusOf("CONNECT h:1 HTTP/1.1\r\n\r\n"));
    }

    @Test
    void knowsAHeadRequest() throws Exception {
        assertTrue(head("HEAD / HTTP/1.1\r\n\r\n").isHead());
        assertFalse(head("GET / HTTP/1.1\r\n\r\n").isHead());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: h", "Connection: keep-alive", "X: content-length: 5", "Empty:"})
    void isTheWholeRequestWhereNothingSpeaksOfABody(String field) throws Exception {
        assertTrue(head("GET / HTTP/1.1\r\n" + field + "\r\n\r\n").complete());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "content-LENGTH:5", "Transfer-Encoding: chunked",
        "Connection: close", "Connection: x, Close",
        // What another reader of HTTP might take for the length of a body.
        "Content-Length : 5", " Content-Length: 5", "X: a\r\n Content-Length: 5", "X: a\rContent-Length: 5", "nonsense",
        "Content-Length\u0000: 5"})
    void isNotTheWholeRequestWhereThereMayBeABody(String fields) throws Exception {
        assertFalse(head("GET / HTTP/1.1\r\n" + fields + "\r\n\r\n").complete());
    }

    @Test
    void aClientOfVersionOneDotZeroClosesAfterItsRequest() throws Exception {
        assertFalse(head("GET / HTTP/1.0\r\n\r\n").complete());
    }

    private static int statusOf(String text) {
        return assertThrows(MalformedRequestException.class, () -> head(text)).status();
    }

    private static RequestHead head(String text) throws MalformedRequestException {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return RequestHead.parse(bytes, bytes.length, 0);
    }
}
