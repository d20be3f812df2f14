package org.handoff.worker.pool.internal.deploy;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.description.BlueprintXml;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWiring;

/**
 * What a bundle with Blueprint definitions needs in a worker that no wire shows: the Blueprint extender, the bundles that
 * know the definitions' namespaces, and the services that the definitions refer to.
 */
final class BlueprintNeeds {

    /** The package that an extender exports, so that bundles can be wired to it (OSGi Compendium, 121.3.1). */
    private static final String EXTENDER = "org.osgi.service.blueprint";

    // Of Apache Aries, Karaf's Blueprint.
    private static final String NAMESPACE_HANDLER = "org.apache.aries.blueprint.NamespaceHandler";
    private static final String NAMESPACE = "osgi.service.blueprint.namespace";

    /**
     * The needs of one bundle.
     *
     * @param bundles the extender, if there is one
     * @param services what the definitions refer to, and what reads them
     */
    record Needs(List<Bundle> bundles, List<ServiceReference<?>> services) {

        private static final Needs NONE = new Needs(List.of(), List.of());
    }

    private record Parsed(long modified, BlueprintXml xml) {}

    private final BundleContext context;
    private final BundleClosure closure;
    /** The definitions of bundles, for as long as the bundles are in use. */
    private final Map<Bundle, Parsed> known = new WeakHashMap<>();

    BlueprintNeeds(BundleContext context, BundleClosure closure) {
        this.context = context;
        this.closure = closure;
    }

    /** The needs of a bundle; none where it has no definitions. */
    Needs of(Bundle bundle) {
        BlueprintXml xml = definitions(bundle);
        if (xml == null) {
            return Needs.NONE;
        }
        xml.references().stream()
                .map(BlueprintXml.Reference::type)
                .filter(Objects::nonNull)
                .forEach(closure::awaits);
        return new Needs(
                Stream.of(context.getBundles())
                        .filter(BlueprintNeeds::isExtender)
                        .limit(1)
                        .toList(),
                Stream.concat(
                                xml.references().stream()
                                        .flatMap(one ->
                                                closure.bound(one.type(), one.filter(), one.isOfMany()).stream()),
                                namespaceHandlers(xml.namespaces()))
                        .toList());
    }

    private BlueprintXml definitions(Bundle bundle) {
        long modified = bundle.getLastModified();
        Parsed parsed = known.get(bundle);
        if (parsed == null || parsed.modified() != modified) {
            parsed = new Parsed(modified, BlueprintXml.of(bundle));
            known.put(bundle, parsed);
        }
        return parsed.xml();
    }

    private static boolean isExtender(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        return wiring != null
                && wiring.isInUse()
                && wiring.getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
                        .anyMatch(exported ->
                                EXTENDER.equals(exported.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)));
    }

    private Stream<ServiceReference<?>> namespaceHandlers(Set<String> namespaces) {
        return namespaces.isEmpty()
                ? Stream.empty()
                : closure.bound(NAMESPACE_HANDLER, null, true).stream()
                        .filter(handler -> values(handler.getProperty(NAMESPACE))
                                .anyMatch(uri -> namespaces.contains(uri.toString())));
    }

    private static Stream<?> values(Object property) {
        return property instanceof Object[] several
                ? Stream.of(several)
                : property instanceof Collection<?> several ? several.stream() : Stream.ofNullable(property);
    }
}
