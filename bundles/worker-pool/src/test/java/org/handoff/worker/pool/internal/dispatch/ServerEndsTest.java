package org.handoff.worker.pool.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The monitor's process ends while its workers have requests. */
@Timeout(120)
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
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
                requests.add(clients.submit(() -> load.request(client, "/p/slow")));
            }
            while (server.counts().held() < CLIENTS) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
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
