package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;

import io.netty.channel.EventLoop;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An error that reaches one of the agent's loops: never is there a port that nobody listens to. */
@Timeout(300)
class LoopErrorTest {

    private static final String OK = "Content-type: text/plain\n\n";

    /** @param failing the number of the client loop to which the error comes; 0 is the loop of the peers */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void agentIsMadeAnewAndIdleClientsStay(int failing) throws Exception {
        try (Server server = new Server(2);
                TestPeer peer = server.peer("app");
                Client idle = server.client();
                Client waits = server.client()) {
            idle.get("/app");
            peer.serve(OK);
            assertEquals(200, idle.answer().status());
            waits.get("/app/waits");
            peer.request();
            EventLoop loop = failing == 0
                    ? server.agent.eventLoop()
                    : server.agent.clientLoops().get(failing - 1);
            loop.execute(() -> {
                throw new OutOfMemoryError("by the test");
            });
            await("new agent", () -> server.restarts == 1);
            assertTrue(peer.atEnd(), "the peer hears of it, and may connect again");
            IOException end =
                    assertThrows(IOException.class, waits::answer, "a request that cannot be answered is cut");
            assertFalse(end instanceof SocketTimeoutException, "it is cut at once");
            try (TestPeer next = server.peer("app")) {
                idle.get("/app");
                next.serve(OK + "again");
                assertEquals("again", idle.answer().text());
            }
        }
    }
}
