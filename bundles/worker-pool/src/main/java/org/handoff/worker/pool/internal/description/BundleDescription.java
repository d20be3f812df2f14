package org.handoff.worker.pool.internal.description;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bundle's handlers by its own files, whether or not it runs.
 *
 * @param components the handlers that are components
 * @param activator the headers for handlers that its activator registers in workers
 * @param blueprint the properties of the services that its Blueprint container registers as handlers
 */
public record BundleDescription(
        List<ComponentXml> components, ActivatorHeaders activator, List<Map<String, Object>> blueprint) {

    private static final Logger LOG = LoggerFactory.getLogger(BundleDescription.class);

    public static BundleDescription of(Bundle bundle) {
        return new BundleDescription(components(bundle), ActivatorHeaders.of(bundle), blueprint(bundle));
    }

    public boolean isEmpty() {
        return components.isEmpty() && activator.isEmpty() && blueprint.isEmpty();
    }

    private static List<Map<String, Object>> blueprint(Bundle bundle) {
        BlueprintXml xml = BlueprintXml.of(bundle);
        return xml == null ? List.of() : xml.handlers();
    }

    private static List<ComponentXml> components(Bundle bundle) {
        List<ComponentXml> components = new ArrayList<>();
        String header = bundle.getHeaders("").get("Service-Component");
        if (header == null) {
            return components;
        }
        for (String clause : header.split(",")) {
            for (URL entry : entries(bundle, clause.split(";")[0].strip())) {
                try (InputStream in = entry.openStream()) {
                    components.addAll(ComponentXml.handlers(in));
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
