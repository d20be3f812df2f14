package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.namespace.HostNamespace;
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
 */
public final class BundleClosure {

    private final BundleContext context;
    private final ServiceComponentRuntime components;
    private final RuntimeJar runtime;
    /** All types of services referred to so far. */
    private final Set<String> types = ConcurrentHashMap.newKeySet();

    public BundleClosure(Framework framework, RuntimeJar runtime) {
        this.context = framework.context();
        this.components = framework.components();
        this.runtime = runtime;
    }

    /** The needs of bundles now; one object for a look at all of them, which then looks at each bundle once. */
    public Moment now() {
        return new Moment();
    }

    /** The needs of bundles at one moment. Not thread-safe. */
    final class Moment {

        /** The direct needs of bundles. */
        private final Map<Bundle, List<Bundle>> needs = new HashMap<>();
        /**
         * The components of bundles, by bundle id; null before the first question. The component runtime looks through
         * all components to find those of one bundle.
         */
        private Map<Long, List<ComponentDescriptionDTO>> described;

        /** The bundle itself and all its needs, in no particular order but for the bundle, which is the first. */
        List<Bundle> of(Bundle bundle) {
            Set<Bundle> found = new LinkedHashSet<>();
            Queue<Bundle> open = new ArrayDeque<>();
            open.add(bundle);
            while (!open.isEmpty()) {
                Bundle next = open.remove();
                if (next.getBundleId() != Constants.SYSTEM_BUNDLE_ID && found.add(next)) {
                    open.addAll(needs.computeIfAbsent(next, this::needed));
                }
            }
            return new ArrayList<>(found);
        }

        private List<Bundle> needed(Bundle bundle) {
            List<Bundle> bundles = wired(bundle);
            bundles.addAll(referred(described(bundle)));
            return bundles;
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

    private List<Bundle> wired(Bundle bundle) {
        List<Bundle> bundles = new ArrayList<>();
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring == null || !wiring.isInUse()) {
            // The bundle is not resolved, or is being refreshed, after which its services come again.
            return bundles;
        }
        for (BundleWire wire : wiring.getRequiredWires(null)) {
            if (!runtime.provides(wire.getCapability())) {
                bundles.add(wire.getProvider().getBundle());
            }
        }
        for (BundleWire fragment : wiring.getProvidedWires(HostNamespace.HOST_NAMESPACE)) {
            bundles.add(fragment.getRequirer().getBundle());
        }
        return bundles;
    }

    /** Whether an inspected bundle refers to services of that type. On any thread. */
    public boolean refersTo(String type) {
        return types.contains(type);
    }

    /**
     * The bundles of the services that a bundle's components refer to, by references of any kind. Looked up as the
     * component runtime would bind them: it binds none itself, because no handler is activated in Karaf.
     */
    private List<Bundle> referred(List<ComponentDescriptionDTO> described) {
        List<Bundle> bundles = new ArrayList<>();
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
                            .forEach(reference -> bundles.addAll(providers(reference, satisfied.target)));
                }
            }
        }
        return bundles;
    }

    private List<Bundle> providers(ReferenceDTO reference, String target) {
        if (runtime.providesService(reference.interfaceName)) {
            return List.of();
        }
        ServiceReference<?>[] services;
        try {
            services = context.getAllServiceReferences(reference.interfaceName, target);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("the component runtime took this filter: " + target, e);
        }
        if (services == null) {
            return List.of();
        }
        // The greatest has the highest ranking, and a reference to one service is bound to it.
        return (reference.cardinality.endsWith("n")
                        ? Arrays.stream(services)
                        : Arrays.stream(services).max(Comparator.naturalOrder()).stream())
                .map(ServiceReference::getBundle)
                .filter(Objects::nonNull)
                // In a fixed order, independent of the registry's: another order would be another generation.
                .sorted(Comparator.comparingLong(Bundle::getBundleId))
                .toList();
    }
}
