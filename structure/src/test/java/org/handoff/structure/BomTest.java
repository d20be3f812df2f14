package org.handoff.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

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
        assertEquals(
                path.evaluate("/project/properties/osgi.component.version", root),
                path.evaluate(
                        "//dependency[artifactId='org.osgi.service.component.annotations']/version", bom));
    }
}
