package org.handoff.worker.pool.internal.description;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.handoff.worker.api.Handler;
import org.w3c.dom.Element;

/**
 * A handler's component as described by its bundle's XML (OSGi Compendium, 112.4). Declarative Services knows only the
 * components of running bundles; handlers of other bundles are wanted too.
 *
 * @param name the component's name
 * @param properties a String, or a String[] for several lines; of other types the text
 */
public record ComponentXml(String name, Map<String, Object> properties) {

    /**
     * The handlers described by a file.
     *
     * @param in read up to a mebibyte, and not closed
     * @throws IOException if it cannot be read, or is no such description
     */
    static List<ComponentXml> handlers(InputStream in) throws IOException {
        Element root = Xml.parse(in, "components");
        Stream<Element> below = Xml.elements(root, "component");
        return (root.getLocalName().equals("component") ? Stream.of(root) : below)
                .filter(ComponentXml::isHandler)
                .map(ComponentXml::of)
                .toList();
    }

    private static boolean isHandler(Element component) {
        return !component.hasAttribute("factory")
                && !component.getAttribute("enabled").equals("false")
                && Xml.elements(component, "provide")
                        .anyMatch(provided -> provided.getAttribute("interface").equals(Handler.class.getName()));
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
