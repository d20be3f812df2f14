package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.Fake;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.deploy.Fakes;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.cm.ConfigurationAdmin;

class RolledPoolTest {

    private static final String THREAD = "handoff-pool-failing";

    @TempDir
    Path folder;

    private final TestMonitor monitor = new TestMonitor();

    @AfterEach
    void close() {
        monitor.close();
    }

    @Test
    void poolWhoseFirstStepFailsLeavesNoThread() throws Exception {
        RolledPool pool = new RolledPool(
                new Framework(
                        new Fakes().context(folder), null, Fake.of(ConfigurationAdmin.class, (method, none) -> null)),
                new MonitorLoop("failing", monitor.component.loop()),
                PoolSettings.of("failing", TestPoolConfig.of(Map.of()), Map.of()),
                (generation, workers) -> new ProcessBuilder("/bin/true"),
                used -> {},
                List::of);
        IllegalStateException failure = new IllegalStateException("the first step");
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> pool.start(() -> {
                    pool.changed();
                    assertEquals(1, threads(), "a plan is due");
                    throw failure;
                }));
        assertEquals(failure, thrown);
        assertEquals(0, threads());
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(THREAD))
                .count();
    }
}
