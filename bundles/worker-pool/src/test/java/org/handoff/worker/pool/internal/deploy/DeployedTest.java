package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

import org.handoff.testkit.Fake;
import org.handoff.worker.api.HandoffContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** What one bundle declares, as the component runtime sees its component, or as its manifest says. */
class DeployedTest {

    private static final String CONDITION = "org.osgi.service.condition.Condition";
    private static final String WORDS = "org.example.Words";

    @TempDir
    Path folder;

    private final Hashtable<String, String> headers = new Hashtable<>();
    private final ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
    /** The bundle that is installed now; all before it are uninstalled. */
    private long id = 7;

    private int state = Bundle.ACTIVE;
    private boolean isThere = true;
    private boolean isToRun = true;
    /** The configurations that there are. */
    private final List<String> pids = new ArrayList<>();
    /** How often the component runtime was asked for the component's state. */
    private int asked;

    private final List<String> refusals = new ArrayList<>();

    private final Deployed<HandlerDeclaration> deployed = new Deployed<>(
            new Framework(context(), components(), configurations()), HandlerDeclaration.ALL, refusals::add);

    private BundleContext context() {
        return Fake.of(BundleContext.class, (method, arguments) -> switch (method) {
            case "getBundles" -> isThere ? new Bundle[] {bundle(id)} : new Bundle[0];
            case "getAllServiceReferences" -> null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private Bundle bundle(long its) {
        return Fake.of(Bundle.class, (method, arguments) -> switch (method) {
            case "getBundleId" -> its;
            case "getLastModified" -> 7L;
            case "getSymbolicName" -> "my.bundle";
            case "getVersion" -> new Version(1, 0, 0);
            case "getState" -> its == id ? state : Bundle.UNINSTALLED;
            case "getLocation" -> folder.resolve("my.jar").toUri().toString();
            case "getEntryPaths" -> null;
            case "getHeaders" -> headers;
            case "getEntry" -> url(folder.resolve((String) arguments[0]));
            case "adapt" -> Fake.of(BundleStartLevel.class, (asked, none) -> isToRun);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private ServiceComponentRuntime components() {
        return Fake.of(ServiceComponentRuntime.class, (method, arguments) -> switch (method) {
            case "getComponentDescriptionDTO" -> configuration.description;
            case "isComponentEnabled" -> true;
            case "getComponentConfigurationDTOs" -> {
                asked++;
                yield List.of(configuration);
            }
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private ConfigurationAdmin configurations() {
        return Fake.of(ConfigurationAdmin.class, (method, arguments) -> switch (method) {
            case "listConfigurations" ->
                pids.stream().map(DeployedTest::configuration).toArray(Configuration[]::new);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static Configuration configuration(String pid) {
        return Fake.of(Configuration.class, (method, arguments) -> switch (method) {
            case "getPid" -> pid;
            case "getFactoryPid" -> null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    /** A component that lacks services, each of which is a type and a filter. */
    private void component(String... missing) throws IOException {
        headers.put("Service-Component", "hello.xml");
        Files.writeString(
                folder.resolve("hello.xml"),
                "<component name=\"hello\"><service><provide interface=\""
                        + "org.handoff.worker.api.Handler\"/></service></component>");
        configuration.properties = Map.of(HandoffContext.PROPERTY, "/hello");
        configuration.state = missing.length == 0
                ? ComponentConfigurationDTO.SATISFIED
                : ComponentConfigurationDTO.UNSATISFIED_REFERENCE;
        configuration.description = new ComponentDescriptionDTO();
        configuration.description.properties = Map.of(HandoffContext.PROPERTY, "/hello");
        configuration.description.configurationPolicy = "optional";
        configuration.description.configurationPid = new String[] {"hello"};
        configuration.description.references = new ReferenceDTO[missing.length / 2];
        configuration.unsatisfiedReferences = new UnsatisfiedReferenceDTO[missing.length / 2];
        for (int i = 0; i < missing.length / 2; i++) {
            ReferenceDTO reference = new ReferenceDTO();
            reference.name = "reference" + i;
            reference.interfaceName = missing[2 * i];
            configuration.description.references[i] = reference;
            UnsatisfiedReferenceDTO unsatisfied = new UnsatisfiedReferenceDTO();
            unsatisfied.name = reference.name;
            unsatisfied.target = missing[2 * i + 1];
            configuration.unsatisfiedReferences[i] = unsatisfied;
        }
    }

    private String waiting() {
        List<HandlerDeclaration> handlers = deployed.declared();
        assertEquals(1, handlers.size());
        assertEquals(List.of("/hello"), handlers.get(0).contexts());
        return handlers.get(0).waiting();
    }

    @Test
    void conditionThatWorkersMeetIsNothingToWaitFor() throws Exception {
        component(CONDITION, HandoffContext.IN_WORKERS);
        assertEquals("", waiting());
        assertFalse(deployed.awaits(CONDITION));
    }

    @Test
    void stateOfAComponentThatNeedsNothingIsNotAskedFor() throws Exception {
        component();
        pids.add("hello.other");
        assertEquals("", waiting());
        configuration.description.references = new ReferenceDTO[] {condition("(osgi.condition.id=true)")};
        assertEquals("", waiting());
        configuration.description.properties = Map.of(
                HandoffContext.PROPERTY, "/hello", "osgi.ds.satisfying.condition.target", HandoffContext.IN_WORKERS);
        assertEquals("", waiting());
        assertEquals(0, asked);
    }

    @Test
    void stateOfAComponentThatNeedsSomethingIsAskedFor() throws Exception {
        component();
        pids.add("hello|my.bundle");
        assertEquals("", waiting());
        assertEquals(1, asked, "it is configured");
        pids.clear();
        configuration.description.configurationPolicy = "require";
        assertEquals("", waiting());
        assertEquals(2, asked, "it must be configured");
        configuration.description.configurationPolicy = "ignore";
        configuration.description.references = new ReferenceDTO[] {condition("(osgi.condition.id=other)")};
        assertEquals("", waiting());
        assertEquals(3, asked, "it needs a condition");
    }

    private static ReferenceDTO condition(String target) {
        ReferenceDTO reference = new ReferenceDTO();
        reference.name = "osgi.ds.satisfying.condition";
        reference.interfaceName = CONDITION;
        reference.target = target;
        return reference;
    }

    @Test
    void anyOtherServiceThatIsMissingIsNamed() throws Exception {
        component(CONDITION, HandoffContext.IN_WORKERS, WORDS, "(of=nobody)");
        assertEquals("there is no service " + WORDS + " with (of=nobody)", waiting());
        assertTrue(deployed.awaits(WORDS));
        component(CONDITION, "(osgi.condition.id=other)");
        assertEquals("there is no service " + CONDITION + " with (osgi.condition.id=other)", waiting());
    }

    @Test
    void handlersOfAnActivatorForWorkersAreThoseOfTheManifest() {
        headers.put("Handoff-Activator", "org.example.Activator");
        headers.put("Handoff-Context", "/hello");
        assertEquals("", waiting());
        state = Bundle.RESOLVED;
        assertEquals("its bundle is to start, and is not started", waiting());
    }

    @Test
    void bundleIsReplacedByAFileThatComesAWhileAfterItHasGone() throws Exception {
        component();
        assertEquals("", waiting());
        assertFalse(deployed.mayChangeUnreported());
        isThere = false;
        state = Bundle.UNINSTALLED;
        assertEquals(List.of(), deployed.declared());
        assertTrue(deployed.mayChangeUnreported());
        assertFalse(deployed.hasChangedUnreported());
        Files.writeString(folder.resolve("my.jar"), "half of a jar");
        assertTrue(deployed.hasChangedUnreported());
        assertTrue(waiting().contains("is not a jar"));
        assertFalse(deployed.hasChangedUnreported());
        Files.delete(folder.resolve("my.jar"));
        assertTrue(deployed.hasChangedUnreported());
        assertEquals(List.of(), deployed.declared());
    }

    @Test
    void bundleThatALaterOneHasReplacedDoesNotComeBackWhenThatOneGoes() throws Exception {
        component();
        assertEquals("", waiting());
        id = 8;
        assertEquals("", waiting());
        isThere = false;
        state = Bundle.UNINSTALLED;
        Files.writeString(folder.resolve("my.jar"), "half of a jar");
        assertTrue(waiting().contains("is not a jar"));
        assertEquals(8, deployed.declared().get(0).bundle().getBundleId());
    }

    /** A start that fails, as the bundle does not resolve, is reported by nobody. */
    @Test
    void stoppedBundleIsWantedAgainWhenItIsMeantToRunThoughItDoesNot() {
        headers.put("Handoff-Activator", "org.example.Activator");
        headers.put("Handoff-Context", "/hello");
        assertFalse(deployed.mayChangeUnreported());
        state = Bundle.RESOLVED;
        isToRun = false;
        assertEquals(List.of(), deployed.declared());
        assertTrue(deployed.mayChangeUnreported());
        assertFalse(deployed.hasChangedUnreported());
        isToRun = true;
        assertTrue(deployed.hasChangedUnreported());
        assertEquals("its bundle is to start, and is not started", waiting());
        assertFalse(deployed.mayChangeUnreported());
    }

    @Test
    void manifestThatIsNotAsItShouldBeDeclaresNothingAndThatIsToldOnce() {
        headers.put("Handoff-Activator", "org.example.Activator");
        assertEquals(List.of(), deployed.declared());
        assertEquals(List.of(), deployed.declared());
        assertEquals(1, refusals.size());
        assertTrue(
                refusals.get(0).startsWith("A handler of bundle my.bundle 1.0.0 [7] is not served: "), refusals.get(0));
    }
}
