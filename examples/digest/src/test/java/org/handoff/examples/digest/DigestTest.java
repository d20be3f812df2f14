package org.handoff.examples.digest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;

import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    @Test
    void answersDigestAndLengthOfABody() throws IOException {
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3\n",
                answer(TestRequest.request("POST", "/digest").body("abc")).text());
    }

    @Test
    void streamsTheSameBytesEachTime() throws IOException {
        byte[] body = answer(TestRequest.get("/digest?bytes=20000")).body();
        assertEquals(20000, body.length);
        assertArrayEquals(body, answer(TestRequest.get("/digest?bytes=20000")).body());
        assertArrayEquals(
                Arrays.copyOf(body, 100),
                answer(TestRequest.get("/digest?bytes=100")).body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?bytes=", "?bytes=-1", "?bytes=1073741825", "?bytes=99999999999999999999"})
    void saysWhatItWants(String query) throws IOException {
        assertEquals(400, answer(TestRequest.get("/digest" + query)).status());
    }

    @Test
    void refusesOtherMethods() throws IOException {
        TestResponse response = answer(TestRequest.request("DELETE", "/digest"));
        assertEquals(405, response.status());
        assertEquals("GET, HEAD, POST", response.headers().first("Allow").orElseThrow());
    }

    private static TestResponse answer(TestRequest.Builder request) throws IOException {
        TestResponse response = new TestResponse();
        new Digest().handle(request.context("/digest").build(), response);
        return response;
    }
}
