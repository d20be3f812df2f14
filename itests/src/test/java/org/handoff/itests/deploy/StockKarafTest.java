package org.handoff.itests.deploy;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.handoff.itests.handlers.blueprint.Greeter;
import org.handoff.itests.handlers.blueprint.Greeting;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.itests.handlers.kinds.ofblueprint.OfBlueprint;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Roles;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.StockKaraf;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An unchanged Karaf does all that ours does, once the feature is installed. What is done to handlers takes its time:
 * all of it is done under the profile {@code long}.
 */
@ExtendWith(StockKaraf.class)
class StockKarafTest extends DeploymentRows {

    private final Karaf karaf;

    StockKarafTest(Karaf karaf) {
        super(karaf);
        this.karaf = karaf;
    }

    @BeforeEach
    void select(TestInfo test) {
        assumeTrue(Runs.areLong() || test.getTags().contains(SHORT), "with -Plong only");
    }

    @Test
    @Tag(SHORT)
    void servesAFileInDeploy() throws Exception {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        long pid = pidIn(karaf.get("/hello"));
        assertNotEquals(karaf.pid(), pid);
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent(), "process " + pid);
        karaf.undeployAndAwait("hello.jar", "/hello");
    }

    @Test
    @Tag(SHORT)
    void servesABundleOfTheShell() throws Exception {
        karaf.shell(
                "bundle:install -s " + Karaf.UNDER_TEST.resolve("digest.jar").toUri());
        karaf.awaitStatus(200, "/digest?bytes=1");
        karaf.shell("bundle:uninstall org.handoff.examples.digest");
        karaf.awaitStatus(404, "/digest?bytes=1");
    }

    @Test
    @Tag(SHORT)
    void runsNoHandler() throws Exception {
        InWorkersOnly handlers = new InWorkersOnly(karaf);
        handlers.whatRunsWhere();
        handlers.undeploy();
    }

    @Test
    @Tag(SHORT)
    void servesBeansOfBlueprint() throws Exception {
        karaf.install("aries-blueprint");
        Path handler = blueprint(
                "blueprint-handler",
                "<reference id='greeting' interface='java.util.function.Supplier' filter='(language=en)'/>"
                        + "<service interface='org.handoff.worker.api.Handler'>"
                        + "<service-properties><entry key='handoff.context' value='/blueprint'/></service-properties>"
                        + "<bean class='" + Greeter.class.getName() + "'><argument ref='greeting'/></bean></service>");
        Path supplier = blueprint(
                "blueprint-supplier",
                "<service interface='java.util.function.Supplier'>"
                        + "<service-properties><entry key='language' value='en'/></service-properties>"
                        + "<bean class='" + Greeting.class.getName() + "'/></service>");
        karaf.deploy(supplier, "blueprint-supplier.jar");
        karaf.deployAndAwait(handler, "blueprint-handler.jar", "/blueprint");
        String answer = karaf.get("/blueprint").text();
        assertTrue(answer.matches("Good day from worker process \\d+\n"), answer);
        assertNotEquals(karaf.pid(), pidIn(karaf.get("/blueprint")));
        String components = karaf.shell("worker:services default");
        assertTrue(components.contains("org.osgi.service.blueprint.container.BlueprintContainer"), components);
        karaf.deployAndAwait(
                HandlerBundle.build(
                        "of-blueprint",
                        OfBlueprint.class,
                        "Private-Package",
                        InWorker.class.getPackageName() + "," + OfBlueprint.class.getPackageName()),
                "of-blueprint.jar",
                "/kinds/ofblueprint");
        assertEquals("Good day", karaf.get("/kinds/ofblueprint").text());
        karaf.undeployAndAwait("of-blueprint.jar", "/kinds/ofblueprint");
        karaf.undeployAndAwait("blueprint-handler.jar", "/blueprint");
        karaf.undeploy("blueprint-supplier.jar");
        karaf.shell("feature:uninstall aries-blueprint");
    }

    /** A bundle with the classes of the beans and that definition of them, which needs no header. */
    private static Path blueprint(String name, String definition) throws Exception {
        return HandlerBundle.build(
                name,
                Greeter.class,
                "-includeresource",
                "OSGI-INF/blueprint/beans.xml;literal=\"<blueprint xmlns='http://www.osgi.org/xmlns/blueprint/v1.0.0'>"
                        + definition + "</blueprint>\"");
    }

    @Test
    @Tag(SHORT)
    void keepsItsRoles() throws Exception {
        Roles.areKept(karaf, Roles.OF_WORKERS);
        // A port of its own, as other Karafs run beside it.
        Files.writeString(karaf.file("etc/org.handoff.lrwp.cfg"), "port = " + Ports.free() + "\n");
        karaf.install("handoff-lrwp");
        // Karaf looks into etc/ once in a while.
        karaf.awaitPrinted("config:list \"(service.pid=org.apache.karaf.command.acl.lrwp)\"", "disconnect");
        Roles.areKept(karaf, Roles.OF_PEERS);
        karaf.shell("feature:uninstall handoff-lrwp");
        karaf.delete("org.handoff.lrwp.cfg", "org.apache.karaf.command.acl.lrwp.cfg");
    }

    @Test
    @Tag(SHORT)
    void leavesNoWorkerBehindWhereItIsKilledAndServesAgainWhenItIsStarted() throws Exception {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        karaf.await("two workers", () -> karaf.workers().size() == 2);
        List<ProcessHandle> workers = karaf.workers();
        karaf.kill();
        Processes.awaitEnd("the workers of a killed Karaf", workers);
        karaf.startAgain();
        karaf.awaitStatus(200, "/hello");
        karaf.undeployAndAwait("hello.jar", "/hello");
    }
}
