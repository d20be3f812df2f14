package org.handoff.worker.api.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.api.Test;

class TestRequestTest {

    @Test
    void takesItsTargetApart() {
        TestRequest request =
                TestRequest.get("/app/./a/../caf%C3%A9?q=%20").context("/app").build();
        assertEquals("/app/café", request.path());
        assertEquals("/app", request.context());
        assertEquals("/café", request.pathInfo());
        assertEquals("q=%20", request.query());
        assertEquals("/app/./a/../caf%C3%A9?q=%20", request.target());
    }

    @Test
    void wholePathIsTheContextWhereNoneIsGiven() {
        TestRequest request = TestRequest.get("/hello").build();
        assertEquals("/hello", request.context());
        assertEquals("", request.pathInfo());
        assertEquals("", request.query());
        assertEquals("/x", TestRequest.get("/x").context("/").build().pathInfo());
    }

    @Test
    void refusesWhatNoServerWouldBringToTheHandler() {
        TestRequest.Builder apple = TestRequest.get("/apple").context("/app");
        assertThrows(IllegalArgumentException.class, apple::build);
        TestRequest.Builder relative = TestRequest.get("hello");
        assertThrows(IllegalArgumentException.class, relative::build);
    }

    @Test
    void headerNamesDifferInMoreThanCase() {
        TestRequest request =
                TestRequest.get("/").header("Accept", "a").header("ACCEPT", "b").build();
        assertEquals(List.of("a", "b"), request.headers().all("accept"));
        assertEquals(List.of("Accept"), List.copyOf(request.headers().names()));
        assertEquals(List.of(), request.headers().all("Cookie"));
    }

    @Test
    void givesOneBodyStream() throws IOException {
        TestRequest request = TestRequest.post("/", new byte[] {1, 2, 3}).build();
        assertEquals(3, request.contentLength());
        assertEquals(1, request.body().read());
        assertArrayEquals(new byte[] {2, 3}, request.body().readAllBytes());
    }
}
