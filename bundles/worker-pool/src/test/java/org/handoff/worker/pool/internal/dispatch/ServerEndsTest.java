package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The monitor's process ends while its workers have requests. */
@Timeout(300)
class ServerEndsTest {

    private static final int CLIENTS = 4 * FaultServer.WORKERS;

    @TempDir
    Path folder;

    @Test
    void requestsThatWaitBehindARunningHandlerAreAnswered() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (FaultServerProcess server = new FaultServerProcess(folder)) {
            Load load = new Load(server.port());
            List<Future<?>> requests = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                // Open until the server has ended.
                Client client = new Client(server.port());
                requests.add(clients.submit(() -> load.request(client, "/p/slow")));
            }
            await("all to be with workers", () -> server.counts().held() == CLIENTS);
            // Each worker runs one handler at a time: most requests wait for theirs.
            server.close();
            for (Future<?> request : requests) {
                request.get();
            }
            assertTrue(load.isAnswered(), load::toString);
        } finally {
            clients.shutdown();
        }
    }
}
