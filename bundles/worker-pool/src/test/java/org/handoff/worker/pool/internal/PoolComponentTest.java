package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.api.Monitor;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.internal.TestMonitor;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.deploy.Fakes;
import org.handoff.worker.pool.internal.peer.PeerPool;
import org.handoff.worker.pool.internal.worker.TestConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Constants;

/** A pool and its file: what is impossible in it is the pool's own problem, and nobody else's. */
class PoolComponentTest {

    private static final String RIGHT = "kind = lrwp\ncommand = /bin/true\nworkers = 3";

    @TempDir
    Path folder;

    private final TestMonitor monitor = new TestMonitor();
    private final Fakes fakes = new Fakes();
    private PoolComponent pool;

    @AfterEach
    void close() {
        if (pool != null) {
            pool.stop();
        }
        monitor.close();
    }

    private void start(String name, String file) {
        Map<String, Object> properties = properties(name, file);
        Monitor its = () -> monitor.component.loop();
        pool = new PoolComponent(fakes.context(folder), its, null, null, TestPoolConfig.ofFile(properties), properties);
    }

    private void change(String file) {
        Map<String, Object> properties = properties(pool.name(), file);
        pool.configure(TestPoolConfig.ofFile(properties), properties);
    }

    private static Map<String, Object> properties(String name, String file) {
        Map<String, Object> properties = new HashMap<>(Map.of(Constants.SERVICE_PID, "org.handoff.pool~" + name));
        file.lines().map(line -> line.split(" *= *", 2)).forEach(line -> properties.put(line[0], line[1]));
        return properties;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind = cgi\ndirectory = /nonexistent",
                "kind = lrwp",
                "heap = 12parsecs",
                "kind = nonsense",
                "kind = cgi",
                "workers = many",
                "workers = -2",
                "workers = 0",
                "min.workers = 3\nworkers = 2",
                "java.home = /nowhere",
                "http.body = huge",
                "environment.A-B = x",
                "environment.A = nul\0",
                "crash.limit = never",
                "dispatch = fair",
                "warmup = hello",
                "max.memory = much",
                "dump.command = gdb -p {pid}",
                "kind = native\ncommand = x\ndump.command = gdb",
                "kind = native\ncommand = x\nprotocol = udp",
                "kind = native\ncommand = x\nprotocol = tcp\nlisten = here",
                "kind = lrwp\ncommand = /bin/true\ndirectory = /nul\0",
                "kind = lrwp\ncommand = x\nmin.workers = 0"
            })
    void impossibleFileIsShownAndThePoolIsMadeWhenItIsRight(String file) {
        start("typo", file);
        String key =
                file.lines().reduce((first, second) -> second).orElseThrow().split(" ")[0];
        PoolComponent.PoolStatus status = pool.status();
        assertTrue(status.problem().startsWith("not made: etc/org.handoff.pool-typo.cfg has "), status.problem());
        assertTrue(key.equals("kind") || status.problem().contains(key), status.problem());
        assertEquals(List.of(), pool.workers());
        assertEquals(List.of(), pool.reports());
        String refusal = assertThrows(IllegalArgumentException.class, () -> pool.scale(3))
                .getMessage();
        assertTrue(refusal.contains(status.problem()), refusal);

        change(RIGHT);
        assertEquals(PeerPool.NO_AGENT, pool.status().problem());
        assertEquals(3, pool.status().wanted());

        change(file);
        status = pool.status();
        assertTrue(
                status.problem().startsWith("as it was before its file changed: etc/org.handoff.pool-typo.cfg has "),
                status.problem());
        assertEquals(3, status.wanted(), "the pool is as before");
        change(RIGHT);
        assertEquals(PeerPool.NO_AGENT, pool.status().problem());
    }

    @ParameterizedTest
    @ValueSource(strings = {RIGHT, "kind = java\njava.home = /nowhere", "kind = cgi"})
    void unknownKeyIsShownWithTheNearest(String file) {
        String unknown = "ignoring keys of etc/org.handoff.pool-typo.cfg: worker (the nearest is workers)";
        start("typo", file + "\nworker = 3\nhttp.body = 10\nenvironment.A = 1");
        assertTrue(
                pool.status().problem().endsWith("; " + unknown), pool.status().problem());
        change(file);
        assertFalse(pool.status().problem().contains("ignoring"), pool.status().problem());
        change(file + "\nworker = 3");
        assertTrue(
                pool.status().problem().endsWith("; " + unknown), pool.status().problem());
    }

    @Test
    void nameThatNoPoolCanHaveIsShown() {
        start("a pool", RIGHT);
        assertTrue(
                pool.status().problem().startsWith("not made: "), pool.status().problem());
        assertEquals("a pool", pool.name());
    }

    @Test
    void contextOfPeersThatCannotBeMadeIsAnswered503WithTheReason() {
        start("typo", "kind = lrwp\ncontext = /app");
        Fakes.Member app = fakes.members.get(0);
        assertEquals("/app", app.properties.get(Target.CONTEXT));
        assertTrue(app.properties.get(Target.PROBLEM).toString().contains("command is missing"));
        TestConnection connection = new TestConnection();
        app.target.take(connection);
        assertEquals(503, connection.answered);
        change(RIGHT + "\ncontext = /app");
        assertEquals(
                List.of(PeerPool.NO_AGENT),
                fakes.members.stream()
                        .map(one -> one.properties.get(Target.PROBLEM))
                        .toList());
        pool.stop();
        assertEquals(List.of(), fakes.members);
        pool = null;
    }

    @Test
    void handlersOfAPoolThatCannotBeMadeAreAnswered503WithTheReason() {
        fakes.handlers.add(Map.of(Constants.SERVICE_ID, 7L, "handoff.context", "/hello", "handoff.pool", "typo"));
        start("typo", "heap = 12parsecs");
        Fakes.Member hello = fakes.members.get(0);
        assertEquals("/hello", hello.properties.get(Target.CONTEXT));
        assertTrue(hello.properties.get(Target.PROBLEM).toString().contains("heap = 12parsecs"));
    }
}
