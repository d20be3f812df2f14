package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.handoff.testkit.Fake;
import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;

/** Which bundles a bundle needs in a worker. */
class BundleClosureTest {

    private static final String WORDS = "org.example.Words";

    @TempDir
    Path folder;

    private final List<BundleWire> wires = new ArrayList<>();
    private final List<ComponentDescriptionDTO> described = new ArrayList<>();
    private final List<ServiceReference<?>> services = new ArrayList<>();
    private final List<Integer> asked = new ArrayList<>();
    private final Map<Long, ServiceReference<?>[]> used = new HashMap<>();
    private boolean inUse = true;
    private String target;
    private BundleClosure closure;

    private final Bundle a = bundle(1);
    private final Bundle b = bundle(2);
    private final Bundle c = bundle(3);
    private final Bundle d = bundle(4);

    @BeforeEach
    void make() throws IOException {
        Bundle own = new Fakes().context().getBundle();
        closure = new BundleClosure(new Framework(context(), components(), null), new RuntimeJar(own, folder));
    }

    private List<Bundle> needs(Bundle bundle) {
        return closure.now(none -> false).of(List.of(bundle), List.of()).bundles();
    }

    @Test
    void bundleItselfComesFirst() {
        assertEquals(List.of(a), needs(a));
    }

    @Test
    void wiresAreFollowedAndEachBundleIsNeededOnce() {
        importFrom(a, b, "b");
        importFrom(a, c, "c");
        importFrom(b, d, "d");
        importFrom(c, d, "d");
        importFrom(d, a, "a");
        assertEquals(List.of(a, b, c, d), needs(a));
        assertEquals(List.of(d, a, b, c), needs(d));
    }

    @Test
    void frameworkAndRuntimeComeFromTheWorker() {
        importFrom(a, bundle(0), "java.sql");
        importFrom(a, b, "org.handoff.worker.api");
        importFrom(a, c, "org.slf4j.spi.more");
        assertEquals(List.of(a, c), needs(a));
    }

    @Test
    void fragmentsComeWithTheirHost() {
        wires.add(wire(b, a, HostNamespace.HOST_NAMESPACE, "a"));
        assertEquals(List.of(a, b), needs(a));
    }

    @Test
    void bundleThatIsRefreshedNeedsNothing() {
        importFrom(a, b, "b");
        inUse = false;
        assertEquals(List.of(a), needs(a));
    }

    @Test
    void referenceToOneServiceNeedsTheOneThatWouldBeBound() {
        component(a, "1..1", true);
        services.add(service(b, 5));
        services.add(service(c, 7));
        services.add(service(d, 6));
        assertEquals(List.of(a, c), needs(a));
        assertEquals("(language=en)", target);
    }

    @Test
    void referenceToManyServicesNeedsAllInOneOrder() {
        component(a, "0..n", true);
        services.add(service(d, 5));
        services.add(service(b, 7));
        services.add(service(null, 8));
        assertEquals(List.of(a, b, d), needs(a));
    }

    @Test
    void whatProvidersNeedIsNeededToo() {
        component(a, "1..1", true);
        services.add(service(b, 5));
        importFrom(b, c, "c");
        assertEquals(List.of(a, b, c), needs(a));
    }

    @Test
    void serviceThatWorkersHaveNeedsNothing() {
        component(a, "1..1", true);
        described.get(0).references[0].interfaceName = ConfigurationAdmin.class.getName();
        services.add(service(b, 5));
        assertEquals(List.of(a), needs(a));
    }

    @Test
    void codeThatHasRegisteredAServiceNeedsTheServicesThatItUses() {
        component(a, "1..1", true);
        services.add(service(b, 5));
        usedBy(b, c, "org.example.Driver");
        usedBy(c, d, "org.example.More");
        assertEquals(List.of(a, b, c, d), needs(a));
        assertTrue(closure.refersTo("org.example.Driver"));
        assertEquals(List.of(b), needs(b), "its service is not needed");
    }

    @Test
    void codeThatIsOnlyWiredOrIsAComponentOrHasItFromTheWorkerNeedsNoneOfThem() {
        importFrom(a, b, "b");
        usedBy(b, d, "org.example.Driver");
        component(a, "1..1", true);
        services.add(service(c, 5, "a component"));
        usedBy(c, d, "org.example.Driver");
        assertEquals(List.of(a, b, c), needs(a));
        services.set(0, service(c, 5));
        used.clear();
        usedBy(c, d, ConfigurationAdmin.class.getName());
        assertEquals(List.of(a, b, c), needs(a));
    }

    @Test
    void serviceThatCodeHasUsedIsNeededAsLongAsItIsRegistered() {
        component(a, "1..1", true);
        services.add(service(b, 5));
        AtomicReference<Bundle> provider = new AtomicReference<>(c);
        ServiceReference<?> service = service(provider::get, 1, null, "org.example.Driver");
        used.put(2L, new ServiceReference<?>[] {service});
        assertEquals(List.of(a, b, c), needs(a));
        used.clear();
        assertEquals(List.of(a, b, c), needs(a), "given back, for now");
        provider.set(null);
        assertEquals(List.of(a, b), needs(a), "unregistered");
        provider.set(c);
        assertEquals(List.of(a, b), needs(a), "forgotten");
    }

    @Test
    void orderOfUsedServicesIsThatOfTheirBundles() {
        component(a, "1..1", true);
        services.add(service(b, 5));
        used.put(2L, new ServiceReference<?>[] {
            service(d, 1, null, "org.example.Driver"), service(c, 2, null, "org.example.More")
        });
        assertEquals(List.of(a, b, c, d), needs(a));
    }

    @Test
    void unsatisfiedReferenceNeedsNothingYetAndItsTypeIsOfInterest() {
        component(a, "1..1", false);
        services.add(service(b, 5));
        assertFalse(closure.refersTo(WORDS));
        assertEquals(List.of(a), needs(a));
        assertTrue(closure.refersTo(WORDS));
        assertFalse(closure.refersTo("org.example.Numbers"));
    }

    @Test
    void componentsAreLookedUpOnceForAllBundlesOfAMoment() {
        Stream.of(a, b, c, d).forEach(bundle -> component(bundle, "1..1", true));
        BundleClosure.Moment now = closure.now(none -> false);
        Stream.of(a, b, c, d).forEach(bundle -> now.of(List.of(bundle), List.of()));
        assertEquals(List.of(0), asked);
        needs(a);
        assertEquals(List.of(0, 0), asked);
    }

    // ---- a framework

    private Bundle bundle(long id) {
        return Fake.of(Bundle.class, (method, arguments) -> switch (method) {
            case "getBundleId" -> id;
            case "getHeaders" -> new Hashtable<String, String>();
            case "getEntryPaths" -> null;
            case "getLastModified" -> 1L;
            case "adapt" -> wiring(id);
            case "getServicesInUse" -> used.get(id);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private BundleWiring wiring(long id) {
        return Fake.of(BundleWiring.class, (method, arguments) -> switch (method) {
            case "isInUse" -> inUse;
            case "getRequiredWires" ->
                wires.stream()
                        .filter(wire -> !isHost(wire))
                        .filter(wire -> wire.getRequirer().getBundle().getBundleId() == id)
                        .toList();
            case "getProvidedWires" ->
                wires.stream()
                        .filter(BundleClosureTest::isHost)
                        .filter(wire -> wire.getProvider().getBundle().getBundleId() == id)
                        .toList();
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static boolean isHost(BundleWire wire) {
        return wire.getCapability().getNamespace().equals(HostNamespace.HOST_NAMESPACE);
    }

    private void importFrom(Bundle requirer, Bundle provider, String name) {
        wires.add(wire(requirer, provider, PackageNamespace.PACKAGE_NAMESPACE, name));
    }

    private static BundleWire wire(Bundle requirer, Bundle provider, String namespace, String name) {
        BundleCapability capability = Fake.of(BundleCapability.class, (method, arguments) -> switch (method) {
            case "getNamespace" -> namespace;
            case "getAttributes" -> Map.of(namespace, name);
            default -> throw new UnsupportedOperationException(method);
        });
        return Fake.of(BundleWire.class, (method, arguments) -> switch (method) {
            case "getCapability" -> capability;
            case "getRequirement" -> Fake.of(BundleRequirement.class, (none, nothing) -> null);
            case "getProvider" -> revision(provider);
            case "getRequirer" -> revision(requirer);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static BundleRevision revision(Bundle bundle) {
        return Fake.of(BundleRevision.class, (method, arguments) -> bundle);
    }

    // ---- its components and services

    private void component(Bundle bundle, String cardinality, boolean satisfied) {
        ReferenceDTO reference = new ReferenceDTO();
        reference.name = "words";
        reference.interfaceName = WORDS;
        reference.cardinality = cardinality;
        ComponentDescriptionDTO component = new ComponentDescriptionDTO();
        component.name = "component of " + bundle.getBundleId() + (satisfied ? "" : ", which waits");
        component.bundle = new BundleDTO();
        component.bundle.id = bundle.getBundleId();
        component.references = new ReferenceDTO[] {reference};
        described.add(component);
    }

    private ServiceComponentRuntime components() {
        return Fake.of(ServiceComponentRuntime.class, (method, arguments) -> switch (method) {
            case "getComponentDescriptionDTOs" -> {
                Bundle[] bundles = (Bundle[]) arguments[0];
                asked.add(bundles.length);
                yield described;
            }
            case "getComponentConfigurationDTOs" ->
                List.of(configuration(((ComponentDescriptionDTO) arguments[0]).name));
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static ComponentConfigurationDTO configuration(String component) {
        SatisfiedReferenceDTO satisfied = new SatisfiedReferenceDTO();
        satisfied.name = "words";
        satisfied.target = "(language=en)";
        ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
        configuration.satisfiedReferences = component.endsWith("which waits")
                ? new SatisfiedReferenceDTO[0]
                : new SatisfiedReferenceDTO[] {satisfied};
        return configuration;
    }

    private BundleContext context() {
        return Fake.of(BundleContext.class, (method, arguments) -> switch (method) {
            case "getAllServiceReferences" -> {
                target = (String) arguments[1];
                yield !services.isEmpty() ? services.toArray(ServiceReference<?>[]::new) : null;
            }
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static ServiceReference<?> service(Bundle bundle, int ranking) {
        return service(bundle, ranking, null);
    }

    private static ServiceReference<?> service(Bundle bundle, int ranking, String component, String... types) {
        return service(() -> bundle, ranking, component, types);
    }

    private static ServiceReference<?> service(
            Supplier<Bundle> bundle, int ranking, String component, String... types) {
        return Fake.of(ServiceReference.class, (method, arguments) -> switch (method) {
            case "getBundle" -> bundle.get();
            case "getProperty" ->
                switch ((String) arguments[0]) {
                    case "component.name" -> component;
                    case Constants.OBJECTCLASS -> types;
                    case Constants.SERVICE_ID -> (long) ranking;
                    default -> ranking;
                };
            case "compareTo" ->
                Comparator.<Integer>naturalOrder()
                        .compare(ranking, (Integer) ((ServiceReference<?>) arguments[0]).getProperty(""));
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private void usedBy(Bundle user, Bundle provider, String type) {
        used.put(user.getBundleId(), new ServiceReference<?>[] {service(provider, 1, null, type)});
    }
}
