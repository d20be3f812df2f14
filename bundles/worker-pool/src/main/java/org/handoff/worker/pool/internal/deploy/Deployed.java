package org.handoff.worker.pool.internal.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.description.ActivatorHeaders;
import org.handoff.worker.pool.internal.description.BundleDescription;
import org.handoff.worker.pool.internal.description.ComponentXml;
import org.handoff.worker.pool.internal.plan.Want;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/**
 * What is deployed in Karaf for workers, handlers or what else: that of all bundles that are installed and meant to run,
 * even if they do not run yet. Looks at declarations and never asks for a service, so that no handler is created in Karaf.
 *
 * <p>For one thread at a time, but for {@link #awaits}.
 */
public final class Deployed<D extends Declaration<D>> {

    // Declared by Declarative Services (ComponentConstants), which this bundle does not need otherwise.
    static final String COMPONENT_NAME = "component.name";

    private static final String NOT_REGISTERED =
            "its Blueprint container has not registered it, and may wait for a service: bundle:diag says for which";

    /** The handlers that a bundle had at the last look; mostly none. */
    record Seen<D>(Bundle bundle, long modified, BundleDescription described, List<D> declared) {}

    private final BundleContext context;
    private final ServiceComponentRuntime components;
    private final ConfigurationAdmin configurations;
    private final Declaration.Kind<D> kind;
    private final Consumer<String> refusals;
    /** By bundle id. */
    private final SortedMap<Long, Seen<D>> seen = new TreeMap<>();

    private final GoneBundles<D> gone;
    /** Bundles with handlers that were not meant to run at the last look. */
    private final List<Bundle> stopped = new ArrayList<>();
    /** The refusals told so far, so that each is told once. */
    private final Set<String> refused = new HashSet<>();
    /** All types of services that handlers' components have waited for so far. */
    private final Set<String> awaited = ConcurrentHashMap.newKeySet();

    /** What has a configuration; null before the first question of a look. */
    private Configured configured;

    /** @param refusals hears why one is left out, once for each */
    public Deployed(Framework framework, Declaration.Kind<D> kind, Consumer<String> refusals) {
        this.kind = kind;
        this.context = framework.context();
        this.components = framework.components();
        this.configurations = framework.configurations();
        this.refusals = refusals;
        this.gone =
                new GoneBundles<>(new Replacement(context, Path.of(System.getProperty("karaf.data", "data"), "kar")));
    }

    /** Whether the framework is stopping: then a vanished handler means nothing. */
    public boolean isStopping() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.STOPPING;
    }

    /** All that is declared now, for any pool, the oldest bundle first. */
    public List<D> declared() {
        configured = null;
        stopped.clear();
        List<D> handlers = new ArrayList<>();
        Map<Long, Seen<D>> now = new TreeMap<>();
        Map<Bundle, List<ServiceReference<?>>> services = services();
        for (Bundle bundle : context.getBundles()) {
            Seen<D> one = lookIfThere(bundle, services.getOrDefault(bundle, List.of()));
            if (one != null) {
                now.put(bundle.getBundleId(), one);
                handlers.addAll(one.declared());
            }
        }
        long newest = seen.isEmpty() ? 0 : seen.lastKey();
        seen.keySet().removeAll(now.keySet());
        seen.values().forEach(one -> gone.add(one, newest));
        seen.clear();
        seen.putAll(now);
        handlers.addAll(gone.handlers(seen.values()));
        return handlers;
    }

    /** Whether a handler has waited for services of that type. On any thread. */
    public boolean awaits(String type) {
        return awaited.contains(type);
    }

    /** Whether something may change that the framework does not report: then {@link UnreportedChanges} goes on. */
    boolean mayChangeUnreported() {
        return !gone.isEmpty() || !stopped.isEmpty();
    }

    /**
     * Whether another look at the handlers would find other files in the places of uninstalled bundles, or handlers of
     * bundles that were stopped.
     */
    boolean hasChangedUnreported() {
        return gone.haveOtherReplacements() || stopped.stream().anyMatch(Deployed::isToRunAgain);
    }

    private static boolean isToRunAgain(Bundle stopped) {
        BundleStartLevel start = stopped.adapt(BundleStartLevel.class);
        return start != null && stopped.getState() != Bundle.UNINSTALLED && start.isPersistentlyStarted();
    }

    private Seen<D> lookIfThere(Bundle bundle, List<ServiceReference<?>> services) {
        try {
            return look(bundle, services);
        } catch (IllegalStateException | IllegalArgumentException e) {
            // Felix throws either when a bundle is uninstalled at the same time.
            if (bundle.getState() != Bundle.UNINSTALLED) {
                throw e;
            }
            return null;
        }
    }

    /** @return null if it can have no handler */
    private Seen<D> look(Bundle bundle, List<ServiceReference<?>> services) {
        if (bundle.getBundleId() == Constants.SYSTEM_BUNDLE_ID || bundle.getSymbolicName() == null) {
            return null;
        }
        Seen<D> before = seen.get(bundle.getBundleId());
        long modified = bundle.getLastModified();
        BundleDescription described =
                before != null && before.modified() == modified ? before.described() : kind.described(bundle);
        List<D> declared = new ArrayList<>();
        if (isMeantToRun(bundle)) {
            described.components().forEach(component -> declared.addAll(components(bundle, component)));
            declared.addAll(
                    described.activator().isEmpty()
                            ? registered(bundle, services, described, before)
                            : activated(bundle, described.activator()));
        } else if (!described.isEmpty()) {
            stopped.add(bundle);
        }
        return new Seen<>(bundle, modified, described, declared);
    }

    private static boolean isMeantToRun(Bundle bundle) {
        return runs(bundle) || bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
    }

    private static boolean runs(Bundle bundle) {
        return bundle.getState() == Bundle.ACTIVE || bundle.getState() == Bundle.STARTING;
    }

    // ---- handlers that are components

    private List<D> components(Bundle bundle, ComponentXml described) {
        if (!runs(bundle)) {
            return declaration(bundle, described.name(), described.properties(), state(bundle));
        }
        ComponentDescriptionDTO component = components.getComponentDescriptionDTO(bundle, described.name());
        if (component == null) {
            return declaration(bundle, described.name(), described.properties(), state(bundle));
        }
        if (!components.isComponentEnabled(component)) {
            return List.of();
        }
        if (isAsDescribed(component)) {
            return declaration(bundle, described.name(), component.properties, "");
        }
        List<ComponentConfigurationDTO> all = List.copyOf(components.getComponentConfigurationDTOs(component));
        if (all.stream().allMatch(one -> one.state == ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION)
                && configured().isLackedBy(component)) {
            return read(
                    bundle,
                    described.name(),
                    () -> kind.unconfigured(
                            bundle, described.name(), component.properties, waitingForConfiguration(component)));
        }
        List<D> declared = new ArrayList<>();
        all.forEach(one -> declared.addAll(declaration(bundle, described.name(), one.properties, waiting(one))));
        return !declared.isEmpty()
                ? declared
                : declaration(
                        bundle,
                        described.name(),
                        described.properties(),
                        waitingForConfiguration(component) + ", or the component runtime has not looked at it yet");
    }

    private static String waitingForConfiguration(ComponentDescriptionDTO component) {
        return "its component waits for the configuration " + String.join(", ", component.configurationPid);
    }

    /**
     * Whether the component's state and properties are known without asking for them, as is so for most handlers. The
     * component runtime goes through all bundles of the framework to answer, for each component.
     */
    private boolean isAsDescribed(ComponentDescriptionDTO component) {
        if (!WorkerCondition.isAllThatIsNeededBy(component)) {
            return false;
        }
        return !configured().mayBe(component);
    }

    private Configured configured() {
        if (configured == null) {
            configured = Configured.now(configurations);
        }
        return configured;
    }

    private String waiting(ComponentConfigurationDTO configuration) {
        return switch (configuration.state) {
            case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION ->
                waitingForConfiguration(configuration.description);
            case ComponentConfigurationDTO.UNSATISFIED_REFERENCE -> missing(configuration);
            default -> "";
        };
    }

    private String missing(ComponentConfigurationDTO configuration) {
        List<String> missing = new ArrayList<>();
        for (UnsatisfiedReferenceDTO reference : configuration.unsatisfiedReferences) {
            if (WorkerCondition.isLackedBy(reference)) {
                continue;
            }
            String type = Arrays.stream(configuration.description.references)
                    .filter(one -> one.name.equals(reference.name))
                    .map(one -> one.interfaceName)
                    .findFirst()
                    .orElse("unknown");
            awaited.add(type);
            missing.add(type + (reference.target == null ? "" : " with " + reference.target));
        }
        return missing.isEmpty() ? "" : "there is no service " + String.join(", no service ", missing);
    }

    /** The reason why the components of a bundle are not known. */
    private String state(Bundle bundle) {
        return switch (bundle.getState()) {
            case Bundle.INSTALLED -> "its bundle does not resolve" + unresolved(bundle);
            case Bundle.RESOLVED -> "its bundle is to start, and is not started";
            case Bundle.STARTING -> "its bundle is starting";
            case Bundle.STOPPING -> "its bundle is stopping";
            default -> "the component runtime has not looked at its bundle yet";
        };
    }

    /** The requirements of a bundle that no bundle meets, as far as each can be checked alone. */
    private String unresolved(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        FrameworkWiring framework =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        List<String> missing = new ArrayList<>();
        for (Requirement requirement : revision == null ? List.<Requirement>of() : revision.getRequirements(null)) {
            Map<String, String> directives = requirement.getDirectives();
            boolean mandatory =
                    !Namespace.RESOLUTION_OPTIONAL.equals(directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
                            && !PackageNamespace.RESOLUTION_DYNAMIC.equals(
                                    directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
                            && !requirement
                                    .getNamespace()
                                    .equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE);
            if (mandatory && framework.findProviders(requirement).isEmpty()) {
                missing.add(requirement.getNamespace() + " "
                        + directives.getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, ""));
            }
        }
        return missing.isEmpty()
                ? ": bundle:start " + bundle.getBundleId() + " tries it, and says why it does not"
                : ": nobody provides " + String.join(", ", missing);
    }

    // ---- handlers that are registered, by a bundle's own code or by components of which its files do not say enough

    private List<D> activated(Bundle bundle, ActivatorHeaders headers) {
        String waiting = runs(bundle) ? "" : state(bundle);
        List<D> declared = new ArrayList<>();
        try {
            headers.handlers().forEach(service -> declared.addAll(declaration(bundle, null, service, waiting)));
        } catch (IllegalArgumentException e) {
            refuse(bundle, null, e);
        }
        return declared;
    }

    private Map<Bundle, List<ServiceReference<?>>> services() {
        Map<Bundle, List<ServiceReference<?>>> services = new HashMap<>();
        try {
            ServiceReference<?>[] all = context.getAllServiceReferences(null, kind.filter());
            Stream.of(all == null ? new ServiceReference<?>[0] : all)
                    .filter(one -> one.getBundle() != null)
                    .sorted(Comparator.comparing(one -> (Long) one.getProperty(Constants.SERVICE_ID)))
                    .forEach(one -> services.computeIfAbsent(one.getBundle(), first -> new ArrayList<>())
                            .add(one));
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a valid one", e);
        }
        return services;
    }

    private List<D> registered(
            Bundle bundle, List<ServiceReference<?>> services, BundleDescription described, Seen<D> before) {
        List<D> declared = new ArrayList<>();
        services.stream()
                .filter(service -> !described.hasComponent(component(service)))
                .forEach(service -> declared.addAll(declaration(bundle, component(service), properties(service), "")));
        String waiting = bundle.getState() == Bundle.ACTIVE ? NOT_REGISTERED : state(bundle);
        described.blueprint().stream()
                .flatMap(properties -> declaration(bundle, null, properties, waiting).stream())
                .filter(one -> declared.stream().noneMatch(one::isLike))
                .toList()
                .forEach(declared::add);
        if (bundle.getState() != Bundle.ACTIVE && declared.isEmpty() && before != null) {
            before.declared().stream()
                    .filter(one -> !described.hasComponent(one.component()))
                    .forEach(one -> declared.add(one.waitingFor(state(bundle))));
        }
        return declared;
    }

    /** The name of the component that provides the service; null for none. */
    private static String component(ServiceReference<?> service) {
        return (String) service.getProperty(COMPONENT_NAME);
    }

    private static Map<String, Object> properties(ServiceReference<?> service) {
        Map<String, Object> properties = new HashMap<>();
        for (String key : service.getPropertyKeys()) {
            properties.put(key, service.getProperty(key));
        }
        return properties;
    }

    private List<D> declaration(Bundle bundle, String component, Map<String, Object> properties, String waiting) {
        return read(bundle, component, () -> kind.declaration(bundle, component, properties, waiting));
    }

    /** One declaration, or none, with the reason in the log. */
    private List<D> read(Bundle bundle, String component, Supplier<D> declaration) {
        try {
            return List.of(declaration.get());
        } catch (IllegalArgumentException e) {
            refuse(bundle, component, e);
            return List.of();
        }
    }

    private void refuse(Bundle bundle, String component, IllegalArgumentException reason) {
        if (refused.add(bundle.getBundleId() + " " + bundle.getLastModified() + " " + component)) {
            refusals.accept((component == null ? "A handler" : component) + " of bundle " + Want.label(bundle)
                    + " is not served: " + reason.getMessage());
        }
    }
}
