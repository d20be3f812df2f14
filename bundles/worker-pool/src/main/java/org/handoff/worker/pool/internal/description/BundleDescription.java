package org.handoff.worker.pool.internal.description;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.handoff.worker.api.Handler;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a bundle declares by its own files, whether or not it runs.
 *
 * @param components those of its components that were looked for
 * @param activator the headers for handlers that its activator registers in workers
 * @param blueprint the properties of the services that its Blueprint container registers as handlers
 */
public record BundleDescription(
        List<ComponentXml> components, ActivatorHeaders activator, List<Map<String, Object>> blueprint) {

    private static final Logger LOG = LoggerFactory.getLogger(BundleDescription.class);

    /** The handlers of a bundle. */
    public static BundleDescription ofHandlers(Bundle bundle) {
        return new BundleDescription(
                components(bundle, one -> one.services().contains(Handler.class.getName())),
                ActivatorHeaders.of(bundle),
                blueprint(bundle));
    }

    /** Components of a bundle, and nothing else. */
    public static BundleDescription ofComponents(Bundle bundle, Predicate<ComponentXml> which) {
        return new BundleDescription(components(bundle, which), ActivatorHeaders.NONE, List.of());
    }

    public boolean isEmpty() {
        return components.isEmpty() && activator.isEmpty() && blueprint.isEmpty();
    }

    /** Whether one of the components has this name. */
    public boolean hasComponent(String name) {
        return components.stream().anyMatch(one -> one.name().equals(name));
    }

    private static List<Map<String, Object>> blueprint(Bundle bundle) {
        BlueprintXml xml = BlueprintXml.of(bundle);
        return xml == null ? List.of() : xml.handlers();
    }

    private static List<ComponentXml> components(Bundle bundle, Predicate<ComponentXml> which) {
        List<ComponentXml> components = new ArrayList<>();
        String header = bundle.getHeaders("").get("Service-Component");
        if (header == null) {
            return components;
        }
        for (String clause : header.split(",")) {
            for (URL entry : entries(bundle, clause.split(";")[0].strip())) {
                try (InputStream in = entry.openStream()) {
                    ComponentXml.all(in).stream().filter(which).forEach(components::add);
                } catch (IOException e) {
                    LOG.error(
                            "The components of bundle {} are not served, as {} is not valid: {}",
                            bundle,
                            entry,
                            e.getMessage());
                }
            }
        }
        return components;
    }

    /** The files of a path, whose last segment may have wild cards; without resolving the bundle. */
    static List<URL> entries(Bundle bundle, String path) {
        if (!path.contains("*")) {
            URL entry = bundle.getEntry(path);
            return entry == null ? List.of() : List.of(entry);
        }
        int slash = path.lastIndexOf('/') + 1;
        String pattern = Pattern.quote(path.substring(slash)).replace("*", "\\E.*\\Q");
        var paths = bundle.getEntryPaths("/" + path.substring(0, slash));
        return paths == null
                ? List.of()
                : Collections.list(paths).stream()
                        .filter(one -> one.substring(one.lastIndexOf('/') + 1).matches(pattern))
                        .map(bundle::getEntry)
                        .toList();
    }
}
