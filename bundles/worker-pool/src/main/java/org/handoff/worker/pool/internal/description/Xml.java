package org.handoff.worker.pool.internal.description;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** The XML files in bundles that are read before their bundles run. */
final class Xml {

    private static final int MOST_BYTES = 1024 * 1024;

    private Xml() {}

    /**
     * Reads a file.
     *
     * @param in read up to a mebibyte, and not closed
     * @param what what it is to be, for messages
     * @return its root
     * @throws IOException if it cannot be read, or is no XML
     */
    static Element parse(InputStream in, String what) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setNamespaceAware(true);
            // A description needs no document type, and must not read files of this machine by one.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            // Its own handler would print.
            builder.setErrorHandler(new DefaultHandler());
            return builder.parse(new ByteArrayInputStream(in.readNBytes(MOST_BYTES)))
                    .getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("not a description of " + what + ": " + e.getMessage(), e);
        }
    }

    /** The elements of a name, in any namespace, below another. */
    static Stream<Element> elements(Element parent, String name) {
        NodeList all = parent.getElementsByTagNameNS("*", name);
        List<Element> elements = new ArrayList<>();
        IntStream.range(0, all.getLength()).forEach(i -> elements.add((Element) all.item(i)));
        return elements.stream();
    }
}
