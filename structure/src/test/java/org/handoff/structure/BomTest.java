package org.handoff.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The BOM has no parent, and so versions of its own. */
class BomTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private final XPath path = XPathFactory.newInstance().newXPath();

    private static Document pom(String file) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(ROOT.resolve(file).toFile());
    }

    @Test
    void hasTheVersionsOfTheBuild() throws Exception {
        Document root = pom("pom.xml");
        Document bom = pom("bom/pom.xml");
        assertEquals(path.evaluate("/project/version", root), path.evaluate("/project/version", bom));
        NodeList properties = (NodeList) path.evaluate("/project/properties/*", bom, XPathConstants.NODESET);
        assertNotEquals(0, properties.getLength());
        for (int i = 0; i < properties.getLength(); i++) {
            String name = properties.item(i).getNodeName();
            assertEquals(
                    path.evaluate("/project/properties/" + name, root),
                    properties.item(i).getTextContent(),
                    name);
        }
    }
}
