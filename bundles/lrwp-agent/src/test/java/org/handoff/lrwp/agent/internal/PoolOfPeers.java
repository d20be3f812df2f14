package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A pool of real peers, with the real agent and monitor, for tests to begin with. */
abstract class PoolOfPeers {

    static final String PERL = "perl ../../examples/lrwp/peer.pl";

    @TempDir
    Path folder;

    final Server server = new Server();

    final Set<ProcessHandle> seen = new HashSet<>();

    LrwpTestPool pool;

    @AfterEach
    void close() {
        if (pool != null) {
            remember();
            pool.close();
        }
        server.close();
        await("end of all processes", () -> seen.stream().noneMatch(ProcessHandle::isAlive));
    }

    void start(String... configuration) {
        pool = new LrwpTestPool(server.monitor.component.loop(), server.agent, configuration);
    }

    void remember() {
        for (LrwpTestPool.Seen worker : pool.workers()) {
            ProcessHandle.of(worker.pid()).ifPresent(process -> {
                seen.add(process);
                process.descendants().forEach(seen::add);
            });
        }
    }

    /** As they were at one moment: later one more may be starting. */
    List<LrwpTestPool.Seen> awaitOn(int count) {
        AtomicReference<List<LrwpTestPool.Seen>> workers = new AtomicReference<>();
        await(count + " workers that are on", () -> {
            workers.set(pool.workers());
            return workers.get().size() == count
                    && workers.get().stream().allMatch(one -> one.state().equals("on"));
        });
        remember();
        return workers.get();
    }

    /** The process that answered. */
    long ask() throws IOException {
        try (Client client = server.client()) {
            Client.Answer answer = client.get("/test?pid").answer();
            assertEquals(200, answer.status());
            return Long.parseLong(answer.text());
        }
    }

    Path script(String name, String... lines) throws IOException {
        Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }
}
