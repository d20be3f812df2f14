package org.handoff.worker.pool.internal.deploy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.handoff.worker.api.Handler;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * A handler's component as described by its bundle's XML (OSGi Compendium, 112.4). Declarative Services knows only the
 * components of running bundles; handlers of other bundles are wanted too.
 *
 * @param name the component's name
 * @param properties a String, or a String[] for several lines; of other types the text
 */
public record ComponentXml(String name, Map<String, Object> properties) {

    private static final int MOST_BYTES = 1024 * 1024;

    /**
     * The handlers described by a file.
     *
     * @param in read up to a mebibyte, and not closed
     * @throws IOException if it cannot be read, or is no such description
     */
    static List<ComponentXml> handlers(InputStream in) throws IOException {
        Element root = parse(in);
        Stream<Element> below = elements(root, "component");
        return (root.getLocalName().equals("component") ? Stream.of(root) : below)
                .filter(ComponentXml::isHandler)
                .map(ComponentXml::of)
                .toList();
    }

    private static Element parse(InputStream in) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setNamespaceAware(true);
            // A description needs no document type, and must not read files of this machine by one.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder()
                    .parse(new ByteArrayInputStream(in.readNBytes(MOST_BYTES)))
                    .getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("not a description of components: " + e.getMessage(), e);
        }
    }

    private static boolean isHandler(Element component) {
        return !component.hasAttribute("factory")
                && !component.getAttribute("enabled").equals("false")
                && elements(component, "provide")
                        .anyMatch(provided -> provided.getAttribute("interface").equals(Handler.class.getName()));
    }

    private static ComponentXml of(Element component) {
        Map<String, Object> properties = new HashMap<>();
        elements(component, "property")
                .forEach(property -> properties.put(property.getAttribute("name"), value(property)));
        String name = component.getAttribute("name");
        return new ComponentXml(
                name.isEmpty()
                        ? elements(component, "implementation")
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

    private static Stream<Element> elements(Element parent, String name) {
        NodeList all = parent.getElementsByTagNameNS("*", name);
        List<Element> elements = new ArrayList<>();
        IntStream.range(0, all.getLength()).forEach(i -> elements.add((Element) all.item(i)));
        return elements.stream();
    }
}
