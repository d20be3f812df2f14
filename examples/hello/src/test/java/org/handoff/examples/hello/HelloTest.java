package org.handoff.examples.hello;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.Test;

class HelloTest {

    @Test
    void showsTheProcessThatAnswers() {
        TestResponse response = new TestResponse();
        new Hello().handle(TestRequest.get("/hello").build(), response);
        assertEquals(200, response.status());
        assertTrue(response.text().contains("process " + ProcessHandle.current().pid() + " "), response.text());
    }
}
