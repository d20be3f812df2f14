package org.handoff.worker.pool.internal.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;

import org.handoff.testkit.Fake;
import org.handoff.worker.pool.internal.deploy.HandlerFiles;
import org.handoff.worker.pool.internal.plan.Want;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** What a pool's key {@code servlets} finds in Karaf. */
class PoolServletsTest {

    private static final String PATTERN = "osgi.http.whiteboard.servlet.pattern";
    private static final String SHOP = "(bundle=shop)";

    @TempDir
    Path folder;

    private FakeKaraf karaf;
    private final Queue<Runnable> due = new ArrayDeque<>();
    private int changes;

    @BeforeEach
    void installWhiteboard() {
        karaf = new FakeKaraf(folder);
        karaf.bundle("org.handoff.servlet");
    }

    private PoolServlets pool(String filter) throws Exception {
        return new PoolServlets(
                karaf.framework(), "web", FrameworkUtil.createFilter(filter), null, executor(), () -> changes++);
    }

    private ScheduledExecutorService executor() {
        return Fake.of(ScheduledExecutorService.class, (method, arguments) -> switch (method) {
            case "schedule" -> {
                due.add((Runnable) arguments[0]);
                yield null;
            }
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private List<Want> wants(PoolServlets pool) throws Exception {
        try (HandlerFiles files = karaf.files()) {
            return pool.wants(files);
        }
    }

    @Test
    void removedOneLooksNoLonger() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("products", Map.of(PATTERN, "/products"));
        shop.state = Bundle.RESOLVED;
        shop.isToRun = false;
        PoolServlets pool = pool(SHOP);
        wants(pool);
        due.remove().run();
        assertEquals(1, due.size(), "it looks for the start of the stopped bundle");
        pool.stop();
        due.remove().run();
        assertEquals(0, due.size());
        wants(pool);
        assertEquals(0, due.size());
        assertEquals(0, karaf.listeners());
    }
}
