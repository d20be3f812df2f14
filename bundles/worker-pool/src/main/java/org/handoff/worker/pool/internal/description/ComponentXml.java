package org.handoff.worker.pool.internal.description;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.w3c.dom.Element;

/**
 * A component as described by its bundle's XML (OSGi Compendium, 112.4). Declarative Services knows only the
 * components of running bundles; those of other bundles are wanted too.
 *
 * @param name the component's name
 * @param services the types that it provides
 * @param properties a String, or a String[] for several lines; of other types the text
 */
public record ComponentXml(String name, Set<String> services, Map<String, Object> properties) {

    /**
     * The components described by a file that may be activated.
     *
     * @param in read up to a mebibyte, and not closed
     * @throws IOException if it cannot be read, or is no such description
     */
    static List<ComponentXml> all(InputStream in) throws IOException {
        Element root = Xml.parse(in, "components");
        Stream<Element> below = Xml.elements(root, "component");
        return (root.getLocalName().equals("component") ? Stream.of(root) : below)
                .filter(ComponentXml::isEnabled)
                .map(ComponentXml::of)
                .toList();
    }

    private static boolean isEnabled(Element component) {
        return !component.hasAttribute("factory")
                && !component.getAttribute("enabled").equals("false");
    }

    private static ComponentXml of(Element component) {
        Map<String, Object> properties = new HashMap<>();
        Xml.elements(component, "property")
                .forEach(property -> properties.put(property.getAttribute("name"), value(property)));
        String name = component.getAttribute("name");
        return new ComponentXml(
                name.isEmpty()
                        ? Xml.elements(component, "implementation")
                                .map(one -> one.getAttribute("class"))
                                .findFirst()
                                .orElse("")
                        : name,
                Xml.elements(component, "provide")
                        .map(provided -> provided.getAttribute("interface"))
                        .collect(Collectors.toSet()),
                properties);
    }

    private static Object value(Element property) {
        return property.hasAttribute("value")
                ? property.getAttribute("value")
                : property.getTextContent()
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toArray(String[]::new);
    }
}
