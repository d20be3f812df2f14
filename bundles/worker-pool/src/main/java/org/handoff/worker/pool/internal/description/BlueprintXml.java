package org.handoff.worker.pool.internal.description;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;

/**
 * The Blueprint definitions of a bundle (OSGi Compendium, 121.3.4).
 *
 * @param handlers the properties of the services that are handlers, each a String, or a String[] for several; without
 *     those services whose context only the container knows, by a placeholder
 * @param references the services that the beans refer to
 * @param namespaces the namespaces of elements and attributes but Blueprint's own
 */
public record BlueprintXml(List<Map<String, Object>> handlers, List<Reference> references, Set<String> namespaces) {

    /**
     * A reference to services.
     *
     * @param type the interface of the service; null for any
     * @param filter the filter of the reference, with its component name; null for none
     * @param isOfMany whether the reference is a list
     */
    public record Reference(String type, String filter, boolean isOfMany) {}

    private static final Logger LOG = LoggerFactory.getLogger(BlueprintXml.class);

    private static final String HEADER = "Bundle-Blueprint";
    private static final String FOLDER = "OSGI-INF/blueprint/*.xml";

    private static final Set<String> OWN_NAMESPACES = Set.of(
            "http://www.osgi.org/xmlns/blueprint/v1.0.0",
            "http://www.w3.org/2000/xmlns/",
            "http://www.w3.org/2001/XMLSchema-instance");

    /** The definitions of a bundle; null if it has none, so that no Blueprint container is made for it. */
    public static BlueprintXml of(Bundle bundle) {
        List<URL> files = files(bundle);
        if (files.isEmpty()) {
            return null;
        }
        List<Element> roots = new ArrayList<>();
        for (URL file : files) {
            try (InputStream in = file.openStream()) {
                roots.add(Xml.parse(in, "Blueprint"));
            } catch (IOException e) {
                LOG.error("{} of bundle {} is left out: {}", file, bundle, e.getMessage());
            }
        }
        Set<String> namespaces = new HashSet<>();
        roots.forEach(root -> addNamespaces(root, namespaces));
        namespaces.removeAll(OWN_NAMESPACES);
        return new BlueprintXml(
                roots.stream().flatMap(BlueprintXml::handlers).toList(),
                roots.stream().flatMap(BlueprintXml::references).toList(),
                namespaces);
    }

    private static List<URL> files(Bundle bundle) {
        String header = bundle.getHeaders("").get(HEADER);
        return Stream.of((header == null ? FOLDER : header).split(","))
                .map(path -> path.split(";")[0].strip())
                .map(path -> path.endsWith("/") ? path + "*.xml" : path)
                .flatMap(path -> BundleDescription.entries(bundle, path).stream())
                .toList();
    }

    private static void addNamespaces(Element root, Set<String> namespaces) {
        Stream.concat(Stream.of(root), Xml.elements(root, "*")).forEach(element -> {
            addNamespace(element.getNamespaceURI(), namespaces);
            NamedNodeMap attributes = element.getAttributes();
            for (int i = 0; i < attributes.getLength(); i++) {
                addNamespace(attributes.item(i).getNamespaceURI(), namespaces);
            }
        });
    }

    private static void addNamespace(String uri, Set<String> namespaces) {
        if (uri != null) {
            namespaces.add(uri);
        }
    }

    // ---- references

    private static Stream<Reference> references(Element root) {
        return Stream.concat(
                        Xml.elements(root, "reference").map(one -> reference(one, false)),
                        Xml.elements(root, "reference-list").map(one -> reference(one, true)))
                .filter(BlueprintXml::isPossible);
    }

    /** Whether a reference selects services; the container itself refuses one whose filter is none. */
    private static boolean isPossible(Reference reference) {
        if (reference.filter() == null) {
            return reference.type() != null;
        }
        try {
            FrameworkUtil.createFilter(reference.filter());
            return true;
        } catch (InvalidSyntaxException e) {
            LOG.warn("A reference of Blueprint to {} is left out: {}", reference.type(), e.getMessage());
            return false;
        }
    }

    private static Reference reference(Element reference, boolean isOfMany) {
        String component = attribute(reference, "component-name");
        String filter = attribute(reference, "filter");
        String named = component == null ? null : "(osgi.service.blueprint.compname=" + component + ")";
        return new Reference(
                attribute(reference, "interface"),
                named == null ? filter : filter == null ? named : "(&" + filter + named + ")",
                isOfMany);
    }

    private static String attribute(Element element, String name) {
        return element.hasAttribute(name) ? element.getAttribute(name).strip() : null;
    }

    // ---- handlers

    private static Stream<Map<String, Object>> handlers(Element root) {
        return Xml.elements(root, "service")
                .filter(BlueprintXml::isHandler)
                .map(BlueprintXml::properties)
                .filter(properties -> properties.containsKey(HandoffContext.PROPERTY));
    }

    private static boolean isHandler(Element service) {
        return Stream.concat(
                        Stream.of(service.getAttribute("interface")),
                        Xml.elements(service, "interfaces")
                                .flatMap(all -> Xml.elements(all, "value"))
                                .map(Element::getTextContent))
                .anyMatch(one -> one.strip().equals(Handler.class.getName()));
    }

    private static Map<String, Object> properties(Element service) {
        Map<String, Object> properties = new HashMap<>();
        Xml.elements(service, "service-properties")
                .flatMap(all -> Xml.elements(all, "entry"))
                .forEach(entry -> {
                    List<String> values = values(entry);
                    if (!values.isEmpty() && values.stream().noneMatch(value -> value.contains("${"))) {
                        properties.put(
                                entry.getAttribute("key"),
                                values.size() == 1 ? values.get(0) : values.toArray(String[]::new));
                    }
                });
        return properties;
    }

    private static List<String> values(Element entry) {
        return Stream.concat(
                        Stream.of(entry.getAttribute("value")),
                        Xml.elements(entry, "value").map(Element::getTextContent))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .toList();
    }
}
