package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.runtime.bundles.Failing;
import org.handoff.worker.runtime.bundles.Keeping;
import org.handoff.worker.runtime.bundles.Plain;
import org.handoff.worker.runtime.bundles.Starting;
import org.handoff.worker.runtime.bundles.Store;
import org.handoff.worker.runtime.bundles.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bundles of a generation in a worker, and what it says of those that do not serve. */
class WorkerBundlesTest extends WorkerFixture {

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void saysWhatIsMissingAndServesTheRest(Path jdk) throws Exception {
        add(
                new TestBundle("lost")
                        .component(Waiting.class, "/lost", "")
                        .header("Import-Package", "org.handoff.worker.api,org.nowhere;version=\"[1.2,2)\""),
                Waiting.class,
                "/lost");
        add(
                new TestBundle("keeping")
                        .with(Store.class)
                        .component(
                                Keeping.class,
                                "/hello/kept",
                                "<reference name=\"store\" interface=\"" + Store.class.getName() + "\" bind=\"bind\" "
                                        + "target=\"(kind=big)\"/>"),
                Keeping.class,
                "/hello/kept");
        add(new TestBundle("failing").component(Failing.class, "/failing", ""), Failing.class, "/failing");
        add(
                new TestBundle("configured")
                        .component(
                                Waiting.class,
                                "/configured",
                                "configuration-policy=\"require\" configuration-pid=\"org.example.pid\""),
                Waiting.class,
                "/configured");
        add(new TestBundle("silent"), null, "/silent");
        try (TestPool pool = start(jdk);
                MonitoredClient client = new MonitoredClient()) {
            String reasons = pool.ready();
            assertEquals(
                    List.of(
                            "2 the bundle lost 1.0.0 does not resolve: package org.nowhere [1.2.0,2.0.0) is missing, which "
                                    + "bundle lost needs",
                            "3 the component " + Keeping.class.getName() + " lacks the service " + Store.class.getName()
                                    + " (kind=big)",
                            "4 the component " + Failing.class.getName()
                                    + " failed to activate: java.lang.IllegalStateException: no licence",
                            "5 the component " + Waiting.class.getName()
                                    + " waits for the configuration org.example.pid",
                            "6 the bundle silent 1.0.0 registered no service org.handoff.worker.api.Handler for [/silent] when "
                                    + "it was started"),
                    reasons.lines().toList(),
                    pool::output);
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            String below = HELLO.replace("/hello", "/hello/kept");
            client.send(below);
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 0, 1, below);
        }
    }

    @Test
    void answers503ForAServiceThatWentAway() throws Exception {
        add(
                new TestBundle("plain")
                        .with(Plain.class)
                        .header("Bundle-Activator", Plain.class.getName())
                        .header("Import-Package", "org.handoff.worker.api,org.osgi.framework"),
                null,
                "/plain");
        String request = HELLO.replace("/hello", "/plain");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            assertEquals("", pool.ready(), pool::output);
            pool.handOff(client, 0, 1, request);
            assertEquals("200 plain", client.statusAndBody());
            client.send(request);
            assertTrue(client.statusAndBody().startsWith("503 "));
            client.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
        }
    }

    @Test
    void hidesTheRuntimesLibrariesFromBundles() throws Exception {
        add(
                new TestBundle("greedy")
                        .component(Waiting.class, "/greedy", "")
                        .header("Import-Package", "org.handoff.worker.api,io.netty.buffer"),
                Waiting.class,
                "/greedy");
        try (TestPool pool = start(JDK)) {
            assertEquals(
                    "2 the bundle greedy 1.0.0 does not resolve: package io.netty.buffer is missing, which bundle "
                            + "greedy needs",
                    pool.ready().strip());
            assertFalse(pool.output().contains("Exception"), pool::output);
        }
    }

    @Test
    void startsABundleAfterThoseThatItIsWiredTo() throws Exception {
        // Each needs the next one, and the last one the second: a cycle.
        List<String> names = List.of("consumer", "extender", "weaver");
        for (int i = 0; i < names.size(); i++) {
            add(
                    new TestBundle(names.get(i))
                            .with(Starting.class)
                            .header("Bundle-Activator", Starting.class.getName())
                            .header("Import-Package", "org.osgi.framework,org.slf4j")
                            .header("Require-Bundle", names.get(i == 2 ? 1 : i + 1)),
                    null,
                    null);
        }
        try (TestPool pool = start(JDK)) {
            assertEquals("", pool.ready(), pool::output);
            assertEquals(
                    List.of("weaver", "extender", "consumer"),
                    pool.output()
                            .lines()
                            .filter(line -> line.endsWith(" starts"))
                            .map(line -> line.replaceAll(".* (\\w+) starts", "$1"))
                            .toList(),
                    pool::output);
        }
    }
}
