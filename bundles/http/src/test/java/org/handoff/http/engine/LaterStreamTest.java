package org.handoff.http.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.handoff.http.limits.HandlerOptions;
import org.handoff.testkit.Client;
import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies of unknown length that are given after their handler has returned, or begun before. */
@Timeout(300)
class LaterStreamTest {

    private static final Duration LONG = Duration.ofHours(1);
    /** Much longer than what may wait for the event loop. */
    private static final byte[] BODY = new byte[3_000_000];

    static {
        new Random(1).nextBytes(BODY);
    }

    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final CompletableFuture<AsyncResponse> later = new CompletableFuture<>();
    private Served server;

    @BeforeEach
    void serve() {
        server = new Served(HandlerOptions.from(Map.of("http.async.buffer", "100000")), this::answer);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        other.shutdownNow();
    }

    private void answer(Request request, Response response) throws Exception {
        AsyncResponse begun = response.async(LONG, 204);
        OutputStream body = begun.stream();
        switch (request.path()) {
            case "/early" -> {
                body.write(BODY);
                body.close();
            }
            case "/both" -> {
                body.write(BODY, 0, BODY.length / 2);
                other.execute(() -> {
                    try (body) {
                        body.write(BODY, BODY.length / 2, BODY.length - BODY.length / 2);
                    } catch (IOException e) {
                        later.completeExceptionally(e);
                    }
                });
            }
            default -> {
                body.write("half of it".getBytes());
                body.flush();
                later.complete(begun);
            }
        }
    }

    @Test
    void handlersOwnPiecesAreKeptUntilItHasReturned() throws Exception {
        try (Client client = server.client()) {
            assertArrayEquals(BODY, client.get("/early").answer().body());
        }
    }

    @Test
    void otherThreadsWaitForTheHandlersReturn() throws Exception {
        try (Client client = server.client()) {
            assertArrayEquals(BODY, client.get("/both").answer().body());
        }
    }

    /** What comes until the connection ends, in order or by a reset. */
    private static String rest(Client client) {
        StringBuilder rest = new StringBuilder();
        try {
            for (int next = client.in().read(); next >= 0; next = client.in().read()) {
                rest.append((char) next);
            }
        } catch (IOException e) {
            // As by the server's abort.
        }
        return rest.toString();
    }

    @Test
    void cutIsSeen() throws Exception {
        try (Client client = server.client()) {
            client.get("/cut");
            AsyncResponse response = later.get();
            assertFalse(response.isOpen());
            client.until("half of it");
            response.cut();
            assertEquals("\r\n", rest(client));
        }
    }
}
