package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.plan.Generation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker's process has when it starts. */
class WorkerLauncherTest {

    @TempDir
    Path folder;

    @Test
    void environmentIsWhatTheProtocolSaysAndNothingOfKarafs() throws Exception {
        Path printed = folder.resolve("printed");
        WorkerLauncher launcher = new WorkerLauncher(
                (settings, own, file) -> List.of("/usr/bin/env", "sh", "-c", "env > " + printed),
                folder.resolve("workers"));
        WorkerSettings settings = WorkerSettings.of(TestPoolConfig.of(Map.of()), Map.of("environment.COLOUR", "green"));
        WorkerLauncher.Launched launched = launcher.launch(
                "p-1", "p", new Generation(1, settings, List.of()), Map.of("HANDOFF_DRAIN_TIMEOUT", "60"));
        assertEquals(0, launched.process().waitFor());
        launched.close();
        Set<String> names = Files.readAllLines(printed).stream()
                .map(line -> line.split("=")[0])
                .filter(name -> !name.startsWith("LC_"))
                .collect(Collectors.toCollection(TreeSet::new));
        // The shell's own, and what Karaf may have or not.
        names.removeAll(List.of("PWD", "_", "SHLVL", "OLDPWD", "LANG", "TZ"));
        assertEquals(
                Set.of(
                        "PATH",
                        "COLOUR",
                        "HANDOFF_DRAIN_TIMEOUT",
                        "HANDOFF_DISPATCH",
                        "HANDOFF_POOL",
                        "HANDOFF_PROTOCOL",
                        "HANDOFF_SCOREBOARD",
                        "HANDOFF_WORKER"),
                names);
        assertTrue(System.getenv().containsKey("HOME"), "there is something to leave out");
    }
}
