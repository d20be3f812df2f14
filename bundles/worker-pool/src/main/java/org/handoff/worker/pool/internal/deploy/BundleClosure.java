package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.Brought;
import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;

/**
 * The bundles that a handler's bundle needs in a worker: those of its wires, their fragments, and the bundles whose
 * services its components refer to, each with its own needs; without those provided by the worker's runtime.
 *
 * <p>What code asks for that is no component, nothing declares. But where such code has registered a service that is
 * needed, it runs in Karaf, and Karaf knows the services that it uses: they are needed too. This does not hold for
 * handlers' bundles, whose code is not to run in Karaf.
 */
public final class BundleClosure {

    // Declared by Declarative Services (ComponentConstants), which this bundle does not need otherwise.
    private static final String COMPONENT_NAME = "component.name";

    private final BundleContext context;
    private final ServiceComponentRuntime components;
    private final RuntimeJar runtime;
    /** All types of services referred to so far. */
    private final Set<String> types = ConcurrentHashMap.newKeySet();
    /**
     * What the code of a registered service has used so far, as far as it is registered: code may ask for a service and
     * give it back at any time, of which nobody hears, and each change would be another generation.
     */
    private final Map<ServiceReference<?>, Set<ServiceReference<?>>> used = new HashMap<>();

    private final BlueprintNeeds blueprint;

    public BundleClosure(Framework framework, RuntimeJar runtime) {
        this.context = framework.context();
        this.components = framework.components();
        this.runtime = runtime;
        this.blueprint = new BlueprintNeeds(context, this);
    }

    /**
     * The needs of bundles now; one object for a look at all of them, which then looks at each bundle once. For one
     * thread at a time.
     *
     * @param replaced the capabilities in whose place the pool's workers have others
     */
    public Moment now(Predicate<BundleCapability> replaced) {
        used.keySet().removeIf(BundleClosure::isGone);
        used.values().forEach(services -> services.removeIf(BundleClosure::isGone));
        return new Moment(replaced);
    }

    private static boolean isGone(ServiceReference<?> service) {
        return service.getBundle() == null;
    }

    /**
     * A bundle that is needed.
     *
     * @param service its service that is needed; null where the bundle itself is
     */
    private record Need(Bundle bundle, ServiceReference<?> service) {

        /** Whether the service was registered by code that is no component. */
        private boolean isOfCode() {
            return service != null && service.getProperty(COMPONENT_NAME) == null;
        }
    }

    /** Bundles, each with those of its services that others there refer to. */
    record Needed(Map<Bundle, Collection<ServiceReference<?>>> services) {

        /** In no particular order but for the bundle that needs them, which is the first. */
        List<Bundle> bundles() {
            return List.copyOf(services.keySet());
        }
    }

    /** The needs of bundles at one moment. Not thread-safe. */
    final class Moment {

        private final Predicate<BundleCapability> replaced;
        /** The direct needs of bundles, and of services. */
        private final Map<Need, List<Need>> needs = new HashMap<>();
        /**
         * The components of bundles, by bundle id; null before the first question. The component runtime looks through
         * all components to find those of one bundle.
         */
        private Map<Long, List<ComponentDescriptionDTO>> described;

        private Moment(Predicate<BundleCapability> replaced) {
            this.replaced = replaced;
        }

        /** The bundles themselves, in their order, further services, and the needs of all of them. */
        Needed of(List<Bundle> bundles, List<ServiceReference<?>> services) {
            Map<Bundle, Collection<ServiceReference<?>>> found = new LinkedHashMap<>();
            Set<Need> seen = new HashSet<>();
            Queue<Need> open = new ArrayDeque<>();
            bundles.forEach(one -> open.add(new Need(one, null)));
            services.forEach(one -> open.add(new Need(one.getBundle(), one)));
            while (!open.isEmpty()) {
                Need next = open.remove();
                if (next.bundle().getBundleId() != Constants.SYSTEM_BUNDLE_ID && seen.add(next)) {
                    Collection<ServiceReference<?>> its =
                            found.computeIfAbsent(next.bundle(), first -> new LinkedHashSet<>());
                    if (next.service() != null) {
                        its.add(next.service());
                        open.add(new Need(next.bundle(), null));
                    }
                    open.addAll(needs.computeIfAbsent(next, this::needed));
                }
            }
            return new Needed(found);
        }

        private List<Need> needed(Need need) {
            if (need.service() != null) {
                return need.isOfCode() ? used(need) : List.of();
            }
            List<Need> needed = new ArrayList<>();
            wired(need.bundle(), replaced).forEach(bundle -> needed.add(new Need(bundle, null)));
            BlueprintNeeds.Needs definitions = blueprint.of(need.bundle());
            definitions.bundles().forEach(bundle -> needed.add(new Need(bundle, null)));
            Stream.concat(referred(described(need.bundle())).stream(), definitions.services().stream())
                    .forEach(service -> needed.add(new Need(service.getBundle(), service)));
            return needed;
        }

        /** The services that the code of a service uses, or has used. */
        private List<Need> used(Need need) {
            Set<ServiceReference<?>> services = used.computeIfAbsent(need.service(), first -> new HashSet<>());
            ServiceReference<?>[] inUse = need.bundle().getServicesInUse();
            if (inUse != null) {
                services.addAll(List.of(inUse));
            }
            List<Need> needs = new ArrayList<>();
            for (ServiceReference<?> service : services) {
                List<String> its = List.of((String[]) service.getProperty(Constants.OBJECTCLASS));
                Bundle provider = service.getBundle();
                if (provider != null && its.stream().noneMatch(runtime::providesService)) {
                    types.addAll(its);
                    needs.add(new Need(provider, service));
                }
            }
            // In a fixed order, independent of the registry's, where a service that comes again is the last: another
            // order would be another generation.
            needs.sort(Comparator.<Need>comparingLong(one -> one.bundle().getBundleId())
                    .thenComparing(one -> (Long) one.service().getProperty(Constants.SERVICE_ID)));
            return needs;
        }

        /** The components of a bundle, as far as it runs. */
        List<ComponentDescriptionDTO> described(Bundle bundle) {
            if (described == null) {
                described = components.getComponentDescriptionDTOs().stream()
                        .collect(Collectors.groupingBy(component -> component.bundle.id));
            }
            return described.getOrDefault(bundle.getBundleId(), List.of());
        }
    }

    private List<Bundle> wired(Bundle bundle, Predicate<BundleCapability> replaced) {
        List<Bundle> bundles = new ArrayList<>();
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring == null || !wiring.isInUse()) {
            // The bundle is not resolved, or is being refreshed, after which its services come again.
            return bundles;
        }
        for (BundleWire wire : wiring.getRequiredWires(null)) {
            if (!runtime.provides(wire.getCapability()) && !replaced.test(wire.getCapability())) {
                bundles.add(wire.getProvider().getBundle());
            }
        }
        for (BundleWire fragment : wiring.getProvidedWires(HostNamespace.HOST_NAMESPACE)) {
            bundles.add(fragment.getRequirer().getBundle());
        }
        return bundles;
    }

    /** The bundles that a pool's configuration names, now. */
    BroughtBundles brought(Brought brought) {
        return BroughtBundles.now(context, brought, runtime);
    }

    /** Whether an inspected bundle refers to services of that type. On any thread. */
    public boolean refersTo(String type) {
        return types.contains(type);
    }

    /**
     * The services that a bundle's components refer to, by references of any kind. Looked up as the
     * component runtime would bind them: it binds none itself, because no handler is activated in Karaf.
     */
    private List<ServiceReference<?>> referred(List<ComponentDescriptionDTO> described) {
        List<ServiceReference<?>> services = new ArrayList<>();
        for (ComponentDescriptionDTO component : described) {
            if (WorkerCondition.isAllThatIsNeededBy(component)) {
                continue;
            }
            for (ReferenceDTO reference : component.references) {
                types.add(reference.interfaceName);
            }
            for (ComponentConfigurationDTO configuration : components.getComponentConfigurationDTOs(component)) {
                for (SatisfiedReferenceDTO satisfied : configuration.satisfiedReferences) {
                    Arrays.stream(component.references)
                            .filter(reference -> reference.name.equals(satisfied.name))
                            .forEach(reference -> services.addAll(bound(
                                    reference.interfaceName, satisfied.target, reference.cardinality.endsWith("n"))));
                }
            }
        }
        return services;
    }

    /**
     * The services that would be bound to a reference now.
     *
     * @param type null for any
     * @param filter null for none
     */
    List<ServiceReference<?>> bound(String type, String filter, boolean isOfMany) {
        if (type != null && runtime.providesService(type)) {
            return List.of();
        }
        ServiceReference<?>[] services;
        try {
            services = context.getAllServiceReferences(type, filter);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("the extender took this filter: " + filter, e);
        }
        if (services == null) {
            return List.of();
        }
        // The greatest has the highest ranking, and a reference to one service is bound to it.
        return (isOfMany
                        ? Arrays.<ServiceReference<?>>stream(services)
                        : Arrays.stream(services).max(Comparator.naturalOrder()).stream())
                .filter(service -> service.getBundle() != null)
                // In a fixed order, independent of the registry's: another order would be another generation.
                .sorted(Comparator.comparingLong(service -> service.getBundle().getBundleId()))
                .toList();
    }

    /** Beside those of the services that were looked up, the services whose coming and going matters. */
    void awaits(String type) {
        types.add(type);
    }
}
