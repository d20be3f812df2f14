package org.handoff.http.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class HeadReaderTest {

    private static final byte[] REQUEST = "\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII);

    @Test
    void aHeadBehindEmptyLinesMayComeInAnyTwoPieces() throws Exception {
        for (int first = 1; first < REQUEST.length; first++) {
            HeadReader reader = new HeadReader();
            assertNull(reader.read(REQUEST, first), "after " + first);
            assertEquals(REQUEST.length, reader.read(REQUEST, REQUEST.length).length(), "after " + first);
        }
    }
}
