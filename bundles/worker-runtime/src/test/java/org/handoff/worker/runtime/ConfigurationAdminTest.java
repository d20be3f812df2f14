package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

import org.handoff.http.routing.RequestTarget;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.handoff.worker.protocol.generation.BundleGroup;
import org.handoff.worker.protocol.generation.ConfigurationFile;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.handoff.worker.runtime.bundles.Configured;
import org.handoff.worker.runtime.bundles.Managed;
import org.handoff.worker.runtime.handler.HandlerFramework;
import org.handoff.worker.runtime.handler.Handlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ReadOnlyConfigurationException;

/** The configurations that a worker's bundles get, in this process. */
class ConfigurationAdminTest {

    private static final String PID = "org.example.words";

    @TempDir
    Path directory;

    private final SortedMap<Integer, Path> bundles = new TreeMap<>();
    private final SortedMap<Integer, Path> configurations = new TreeMap<>();
    private final List<HandlerEntry> handlers = new ArrayList<>();
    private HandlerFramework framework;
    private Handlers found;

    private void start(BundleGroup... groups) throws Exception {
        framework = HandlerFramework.start(
                new GenerationFile(1, bundles, handlers, configurations, List.of(groups), Map.of(), Map.of()));
        found = Handlers.find(
                new GenerationFile(1, bundles, handlers, configurations, List.of(groups), Map.of(), Map.of()),
                framework);
    }

    @AfterEach
    void stop() {
        framework.close();
    }

    private void configured(String pid, String factory, String words, String... more) throws IOException {
        Map<String, Object> properties = new HashMap<>(Map.of("service.pid", pid, "words", words));
        if (factory != null) {
            properties.put("service.factoryPid", factory);
        }
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        int number = configurations.size() + 1;
        configurations.put(
                number, Files.write(directory.resolve("configuration-" + number), ConfigurationFile.bytes(properties)));
    }

    /** A bundle whose one component answers by its configuration. */
    private Path component() throws IOException {
        return new TestBundle("configured")
                .component(
                        Configured.class,
                        "/configured",
                        "configuration-policy=\"require\" configuration-pid=\"" + PID + "\" activate=\"activate\"")
                .write(directory);
    }

    private Path managed() throws IOException {
        return new TestBundle("managed")
                .with(Managed.class)
                .header("Bundle-Activator", Managed.class.getName())
                .header("Import-Package", "org.handoff.worker.api,org.osgi.framework,org.osgi.service.cm")
                .write(directory);
    }

    private void handler(int bundle, Class<?> component, String context) {
        handlers.add(new HandlerEntry(
                handlers.size() + 1, bundle, component == null ? null : component.getName(), List.of(context), ""));
    }

    private String answer(String context) throws Exception {
        TestResponse response = new TestResponse();
        found.route(new RequestTarget("", context, ""))
                .handler()
                .handle(TestRequest.get(context).build(), response);
        return response.text();
    }

    private ConfigurationAdmin admin() {
        BundleContext context = framework.context();
        return context.getService(context.getServiceReference(ConfigurationAdmin.class));
    }

    @Test
    void componentsAndManagedServicesHaveTheirsBeforeAnythingIsServed() throws Exception {
        bundles.put(1, component());
        bundles.put(2, managed());
        handler(1, Configured.class, "/configured");
        handler(2, null, "/managed");
        configured(PID, null, "a");
        configured(Managed.PID, null, "b");
        start();
        assertEquals(Map.of(), found.failures());
        assertEquals(PID + " a", answer("/configured"));
        assertEquals(Managed.PID + " b", answer("/managed"));
        assertEquals(2, admin().listConfigurations(null).length);
    }

    @Test
    void eachInstanceOfAFactoryAnswersItsContext() throws Exception {
        bundles.put(1, component());
        for (String name : List.of("a", "b")) {
            configured(PID + "~" + name, PID, name, "handoff.context", "/" + name + "/");
            handler(1, Configured.class, "/" + name);
        }
        start();
        assertEquals(Map.of(), found.failures());
        assertEquals(PID + "~a a", answer("/a"));
        assertEquals(PID + "~b b", answer("/b"));
    }

    @Test
    void groupsHaveTheirOwn() throws Exception {
        bundles.put(1, component());
        bundles.put(2, component());
        bundles.put(3, managed());
        bundles.put(4, managed());
        handler(1, Configured.class, "/former");
        handler(2, Configured.class, "/present");
        handler(3, null, "/managed");
        configured(PID, null, "a");
        configured(PID, null, "b");
        configured(Managed.PID, null, "c");
        start(new BundleGroup(Set.of(1, 3), Set.of(1, 3)), new BundleGroup(Set.of(2, 4), Set.of(2)));
        assertEquals(Map.of(), found.failures());
        assertEquals(PID + " a", answer("/former"));
        assertEquals(PID + " b", answer("/present"));
        assertEquals(Managed.PID + " c", answer("/managed"));
        assertNull(framework.bundle(4).orElseThrow().getServicesInUse());
        BundleContext context = framework.bundle(4).orElseThrow().getBundleContext();
        assertEquals(
                1, context.getServiceReferences(ConfigurationAdmin.class, null).size());
    }

    @Test
    void theyChangeInKarafOnly() throws Exception {
        bundles.put(1, managed());
        configured(Managed.PID, null, "a");
        start();
        Configuration configuration = admin().getConfiguration(Managed.PID, null);
        Hashtable<String, Object> other = new Hashtable<>(Map.of("words", "b"));
        assertThrows(ReadOnlyConfigurationException.class, () -> configuration.update(other));
        Configuration fresh = admin().getConfiguration("org.example.fresh", null);
        IOException refused = assertThrows(IOException.class, () -> fresh.update(other));
        assertEquals(
                "Configurations are read-only in workers: change org.example.fresh in Karaf", refused.getMessage());
        assertEquals("a", configuration.getProperties().get("words"));
        assertThrows(IOException.class, configuration::delete);
    }

    @Test
    void componentWithoutOneSaysWhichItWaitsFor() throws Exception {
        bundles.put(1, component());
        handler(1, Configured.class, "/configured");
        configured("other", null, "a");
        start();
        assertEquals(
                "the component " + Configured.class.getName() + " waits for the configuration " + PID,
                found.failures().get(1));
    }

    @Test
    void whoMayAskForConfigurationsCanAndOthersPayNothing() throws Exception {
        bundles.put(1, component());
        start();
        assertNull(framework.context().getServiceReference(ConfigurationAdmin.class));
        framework.close();
        bundles.put(2, managed());
        start();
        assertNull(admin().listConfigurations(null));
    }
}
