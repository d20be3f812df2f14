package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.HandlerPlan;
import org.handoff.worker.pool.internal.plan.Want;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker's process has when it starts. */
class WorkerLauncherTest {

    @TempDir
    Path folder;

    private Map<String, String> suiting = Map.of();

    @Test
    void environmentIsWhatTheProtocolSaysAndNothingOfKarafs() throws Exception {
        Code code = new Code("a", "a", null, List.of(folder.resolve("a.jar")));
        assertEquals(
                Set.of(
                        "PATH",
                        "COLOUR",
                        "HANDOFF_DRAIN_TIMEOUT",
                        "HANDOFF_DISPATCH",
                        "HANDOFF_LOG",
                        "HANDOFF_POOL",
                        "HANDOFF_PROTOCOL",
                        "HANDOFF_SCOREBOARD",
                        "HANDOFF_SESSIONS",
                        "HANDOFF_WORKER"),
                environment(code, Map.of("environment.COLOUR", "green")).keySet());
        assertTrue(System.getenv().containsKey("HOME"), "there is something to leave out");
    }

    @Test
    void aProgramIsToldItsContextsAndTheLimitsThatItsFileHas() throws Exception {
        PoolSettings pool = PoolSettings.of(
                "app",
                TestPoolConfig.of(Map.of("kind", "native", "command", "app", "context", "/app Example.org/a/b /c")),
                Map.of());
        Map<String, String> environment =
                environment(Want.of("app", pool.program()).get(0).code(), Map.of("http.body.timeout", "7"));
        assertEquals("/app /c example.org/a/b", environment.get("HANDOFF_CONTEXTS"));
        assertEquals("7", environment.get("HANDOFF_HTTP_BODY_TIMEOUT"));
    }

    @Test
    void workersAreToldWhereSessionsAreAndOnlyTheyReachThem() throws Exception {
        Code code = new Code("a", "a", null, List.of(folder.resolve("a.jar")));
        Path socket = folder.resolve("sessions/socket");
        assertEquals("memory:" + socket, environment(code, Map.of()).get("HANDOFF_SESSIONS"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));
    }

    @Test
    void variablesOfThePoolComeBeforeThoseThatSuitTheProgram() throws Exception {
        Code code = new Code("a", "a", null, List.of(folder.resolve("a.jar")));
        suiting = Map.of("MALLOC_TRIM_THRESHOLD_", "131072");
        assertEquals("131072", environment(code, Map.of()).get("MALLOC_TRIM_THRESHOLD_"));
        assertEquals(
                "5",
                environment(code, Map.of("environment.MALLOC_TRIM_THRESHOLD_", "5"))
                        .get("MALLOC_TRIM_THRESHOLD_"));
    }

    private Map<String, String> environment(Code code, Map<String, Object> configured) throws Exception {
        Path printed = folder.resolve("printed");
        WorkerLauncher.Program program = new WorkerLauncher.Program() {

            @Override
            public ProcessBuilder process(Generation generation, Path own) {
                return new ProcessBuilder("/usr/bin/env", "sh", "-c", "env > " + printed);
            }

            @Override
            public Map<String, String> variables() {
                return suiting;
            }
        };
        WorkerLauncher launcher = new WorkerLauncher(program, folder);
        WorkerSettings settings = WorkerSettings.of(TestPoolConfig.of(Map.of()), configured);
        HandlerPlan handler = new HandlerPlan(code, List.of("/p"), "");
        WorkerLauncher.Launched launched = launcher.launch(
                "p-1", "p", new Generation(1, settings, List.of(handler)), Map.of("HANDOFF_DRAIN_TIMEOUT", "60"));
        assertEquals(0, launched.process().waitFor());
        launched.close();
        Map<String, String> environment = new TreeMap<>();
        for (String line : Files.readAllLines(printed)) {
            String[] variable = line.split("=", 2);
            if (!variable[0].startsWith("LC_")) {
                environment.put(variable[0], variable[1]);
            }
        }
        // The shell's own, and what Karaf may have or not.
        environment.keySet().removeAll(List.of("PWD", "_", "SHLVL", "OLDPWD", "LANG", "TZ"));
        return environment;
    }
}
