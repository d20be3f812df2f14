package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.generation.BundleGroup;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.runtime.handler.HandlerFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.wiring.BundleWiring;

/** What former code brings into a worker of its own time, nobody else there gets; and the other way round. */
class BundleGroupsTest {

    private static final int FORMER = 1;
    private static final int FORMER_PROVIDER = 2;
    private static final int PRESENT = 3;
    private static final int PRESENT_PROVIDER = 4;
    private static final int SHARED = 5;

    private static final String PACKAGE = "org.words";
    private static final String SERVICE = Runnable.class.getName();

    @TempDir
    Path directory;

    private HandlerFramework framework;

    @BeforeEach
    void start() throws Exception {
        SortedMap<Integer, Path> jars = new TreeMap<>();
        jars.put(FORMER, user("former"));
        jars.put(FORMER_PROVIDER, provider("2.0.0"));
        jars.put(PRESENT, user("present"));
        jars.put(PRESENT_PROVIDER, provider("1.0.0"));
        jars.put(SHARED, new TestBundle("shared").write(directory));
        List<BundleGroup> groups =
                List.of(group(FORMER, FORMER_PROVIDER, SHARED), group(PRESENT, PRESENT_PROVIDER, SHARED));
        framework = HandlerFramework.start(
                new GenerationFile(1, jars, List.of(), Collections.emptySortedMap(), groups, Map.of(), Map.of()));
        for (int number : jars.keySet()) {
            assertEquals("", framework.failure(number).orElse(""));
        }
    }

    private static BundleGroup group(Integer... bundles) {
        return new BundleGroup(Set.of(bundles), Set.of());
    }

    private Path user(String name) throws Exception {
        return new TestBundle(name).header("Import-Package", PACKAGE).write(directory);
    }

    /** There is one of that name in Karaf at a time. */
    private Path provider(String version) throws Exception {
        Path folder = Files.createDirectories(directory.resolve(version));
        return new TestBundle("words")
                .header("Bundle-SymbolicName", "words;singleton:=true")
                .header("Bundle-Version", version)
                .header("Export-Package", PACKAGE + ";version=" + version)
                .write(folder);
    }

    private BundleContext context(int number) {
        return framework.bundle(number).map(Bundle::getBundleContext).orElseThrow();
    }

    private ServiceRegistration<Runnable> register(int number) {
        return context(number).registerService(Runnable.class, () -> {}, null);
    }

    @AfterEach
    void stop() {
        framework.close();
    }

    @Test
    void servicesAreFoundWithinAGroup() throws Exception {
        List<Integer> all = List.of(FORMER_PROVIDER, PRESENT_PROVIDER, SHARED);
        all.forEach(this::register);
        assertEquals(List.of(FORMER_PROVIDER, SHARED), found(context(FORMER)));
        assertEquals(List.of(PRESENT_PROVIDER, SHARED), found(context(PRESENT)));
        assertEquals(all, found(context(SHARED)));
        assertEquals(all, found(framework.context()));
    }

    private List<Integer> found(BundleContext context) throws Exception {
        ServiceReference<?>[] found = context.getAllServiceReferences(SERVICE, null);
        return Arrays.stream(found)
                .map(ServiceReference::getBundle)
                .flatMap(owner -> numbers().filter(number -> bundle(number).equals(owner)))
                .sorted()
                .toList();
    }

    private static Stream<Integer> numbers() {
        return Stream.of(FORMER, FORMER_PROVIDER, PRESENT, PRESENT_PROVIDER, SHARED);
    }

    private Bundle bundle(int number) {
        return framework.bundle(number).orElseThrow();
    }

    @Test
    void eventsOfServicesStayWithinAGroup() throws Exception {
        List<String> told = new ArrayList<>();
        for (int number : List.of(FORMER, PRESENT, SHARED)) {
            String name = bundle(number).getSymbolicName();
            context(number).addServiceListener(event -> told.add(name), "(objectClass=" + SERVICE + ")");
        }
        register(FORMER_PROVIDER);
        assertEquals(List.of("former", "shared"), told.stream().sorted().toList());
        told.clear();
        register(PRESENT_PROVIDER).unregister();
        assertEquals(
                List.of("present", "present", "shared", "shared"),
                told.stream().sorted().toList());
    }

    @Test
    void packagesComeFromAGroupAndSingletonsAreOneInEach() {
        assertEquals("2.0.0", wordsOf(FORMER));
        assertEquals("1.0.0", wordsOf(PRESENT));
    }

    /** The version of the bundle whose package it has. */
    private String wordsOf(int number) {
        return bundle(number).adapt(BundleWiring.class).getRequiredWires("osgi.wiring.package").stream()
                .filter(wire -> wire.getCapability().getAttributes().containsValue(PACKAGE))
                .map(wire -> wire.getProvider().getVersion().toString())
                .findAny()
                .orElse("none");
    }
}
