package org.handoff.itests;

import static org.handoff.itests.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Option;

/** An unchanged Karaf, told only where the features and bundles of this build are: no download, nothing installed. */
class StockKarafTest {

    private static final String PAX_URL = "etc/org.ops4j.pax.url.mvn.cfg";

    @Test
    void installsServesAndLeavesNoWorkerBehind() throws Exception {
        int port = Karaf.freePort();
        try (Karaf karaf = Karaf.start(Karaf.UNDER_TEST.resolve("stock-karaf.tar.gz"), port, repositories())) {
            install(karaf, port);
            serves(karaf);
            keepsWhatServes(new DeploymentRows(karaf));
            runsNoHandler(new InWorkersOnly(karaf));
            Roles.areKept(karaf, Roles.OF_WORKERS);
            leavesNoWorkerBehind(karaf);
        }
    }

    private static Option[] repositories() throws IOException {
        Path copies = Karaf.FOLDER.resolve("stock-repository");
        // Left by the last run: a snapshot that is there is not looked up again.
        Delete.tree(copies);
        String built = Path.of(System.getProperty("handoff.repository"))
                .normalize()
                .toUri()
                .toString();
        return new Option[] {
            editConfigurationFilePut(PAX_URL, "org.ops4j.pax.url.mvn.repositories", built + "@id=handoff@snapshots"),
            editConfigurationFilePut(PAX_URL, "org.ops4j.pax.url.mvn.localRepository", copies.toString())
        };
    }

    private static void install(Karaf karaf, int port) throws IOException {
        // A port of its own before the feature comes, whose configuration file does not replace one that is there.
        Files.writeString(karaf.file("etc/org.handoff.monitor.cfg"), "address = 127.0.0.1\nport = " + port + "\n");
        String version = System.getProperty("handoff.version");
        String added = karaf.shell("feature:repo-add mvn:org.handoff/handoff-features/" + version + "/xml/features");
        assertFalse(added.contains("Error"), added);
        karaf.shell("feature:install handoff");
        karaf.await(
                "the feature handoff", () -> karaf.shell("feature:list -i").matches("(?s).*\\bhandoff .*Started.*"));
        karaf.await("the monitor to listen", () -> karaf.get("/hello").status() == 404);
        assertTrue(Files.exists(karaf.file("etc/org.handoff.pool-default.cfg")));
    }

    private static void serves(Karaf karaf) throws IOException {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        long pid = pidIn(karaf.get("/hello"));
        assertNotEquals(karaf.pid(), pid);
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent(), "process " + pid);
        karaf.undeployAndAwait("hello.jar", "/hello");

        karaf.shell(
                "bundle:install -s " + Karaf.UNDER_TEST.resolve("digest.jar").toUri());
        karaf.awaitStatus(200, "/digest?bytes=1");
        karaf.shell("bundle:uninstall org.handoff.examples.digest");
        karaf.awaitStatus(404, "/digest?bytes=1");
    }

    private static void keepsWhatServes(DeploymentRows rows) throws Exception {
        rows.brokenUpdates();
        rows.undeploy();
        rows.updateAsAnotherBundle();
        rows.undeploy();
    }

    private static void runsNoHandler(InWorkersOnly handlers) throws Exception {
        handlers.whatRunsWhere();
        handlers.undeploy();
    }

    private static void leavesNoWorkerBehind(Karaf karaf) throws IOException {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        karaf.await("two workers", () -> karaf.workers().size() == 2);
        List<ProcessHandle> workers = karaf.workers();
        assertTrue(karaf.process().destroyForcibly());
        Await.until(
                "the workers of a killed Karaf to exit",
                () -> workers.stream().noneMatch(ProcessHandle::isAlive),
                () -> workers.stream()
                        .filter(ProcessHandle::isAlive)
                        .map(ProcessHandle::info)
                        .toList()
                        .toString());
    }
}
