package org.handoff.worker.pool.internal.description;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.handoff.testkit.Fake;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Host;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

class BlueprintXmlTest {

    @TempDir
    Path files;

    private final Hashtable<String, String> headers = new Hashtable<>();

    private final Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
        case "getHeaders" -> headers;
        case "getEntry" -> entry((String) arguments[0]);
        case "getEntryPaths" -> entries((String) arguments[0]);
        case "toString" -> "the bundle";
        default -> throw new UnsupportedOperationException(method);
    });

    private URL entry(String path) {
        try {
            Path file = files.resolve(path);
            return Files.exists(file) ? file.toUri().toURL() : null;
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Enumeration<String> entries(String path) {
        Path folder = files.resolve(path.substring(1));
        if (!Files.isDirectory(folder)) {
            return null;
        }
        try (Stream<Path> all = Files.list(folder)) {
            return Collections.enumeration(
                    all.map(file -> path.substring(1) + file.getFileName()).toList());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(String path, String... elements) throws IOException {
        Path file = files.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                "<blueprint xmlns='http://www.osgi.org/xmlns/blueprint/v1.0.0'>" + String.join("", elements)
                        + "</blueprint>");
    }

    @Test
    void filesAreInTheUsualFolderOrNamed() throws Exception {
        assertNull(BlueprintXml.of(bundle));
        write("elsewhere/beans.xml", "<reference interface='org.x.Y'/>");
        assertNull(BlueprintXml.of(bundle));
        headers.put("Bundle-Blueprint", "elsewhere/beans.xml;x=y, nowhere.xml");
        assertEquals(1, BlueprintXml.of(bundle).references().size());
        headers.put("Bundle-Blueprint", "elsewhere/");
        assertEquals(1, BlueprintXml.of(bundle).references().size());
        headers.clear();
        write("OSGI-INF/blueprint/a.xml");
        write("OSGI-INF/blueprint/b.txt", "<reference interface='org.x.Y'/>");
        assertNotNull(BlueprintXml.of(bundle));
        assertEquals(List.of(), BlueprintXml.of(bundle).references());
    }

    @Test
    void referencesNameTypeFilterAndComponent() throws Exception {
        write(
                "OSGI-INF/blueprint/a.xml",
                "<reference id='a' interface='org.x.A' filter='(k=v)'/>",
                "<reference id='b' interface='org.x.B' component-name='c'/>",
                "<bean class='org.x.Bean'><property name='all'>",
                "<reference-list interface='org.x.C' filter='(k=v)' component-name='c'/></property></bean>");
        assertEquals(
                List.of(
                        new BlueprintXml.Reference("org.x.A", "(k=v)", false),
                        new BlueprintXml.Reference("org.x.B", "(osgi.service.blueprint.compname=c)", false),
                        new BlueprintXml.Reference("org.x.C", "(&(k=v)(osgi.service.blueprint.compname=c))", true)),
                BlueprintXml.of(bundle).references());
    }

    @Test
    void referenceThatSelectsNoServicesIsLeftOut() throws Exception {
        write(
                "OSGI-INF/blueprint/a.xml",
                "<reference interface='org.x.A' filter='k=v'/>",
                "<reference-list/>",
                "<reference filter='(k=v)'/>");
        assertEquals(
                List.of(new BlueprintXml.Reference(null, "(k=v)", false)),
                BlueprintXml.of(bundle).references());
    }

    @Test
    void pathIsNoRegularExpression() throws Exception {
        headers.put("Bundle-Blueprint", "OSGI-INF/blueprint/(a.*");
        write("OSGI-INF/blueprint/(a.xml", "<reference interface='org.x.A'/>");
        assertEquals(1, BlueprintXml.of(bundle).references().size());
    }

    @Test
    void foreignNamespacesAreThoseOfElementsAndAttributes() throws Exception {
        write(
                "OSGI-INF/blueprint/a.xml",
                "<cm:property-placeholder xmlns:cm='urn:cm' persistent-id='x'/>",
                "<bean xmlns:ext='urn:ext' class='org.x.Bean' ext:field-injection='true'/>");
        assertEquals(Set.of("urn:cm", "urn:ext"), BlueprintXml.of(bundle).namespaces());
    }

    @Test
    void handlersAreServicesWithAKnownContext() throws Exception {
        write(
                "OSGI-INF/blueprint/a.xml",
                "<service interface='org.handoff.worker.api.Handler' ref='x'><service-properties>",
                "<entry key='handoff.context' value='/a'/><entry key='handoff.host' value='example.org'/>",
                "</service-properties></service>",
                "<service ref='x'><interfaces><value>org.handoff.worker.api.Handler</value></interfaces>",
                "<service-properties><entry key='handoff.context'><array><value>/b</value><value>/c</value></array>",
                "</entry></service-properties></service>",
                "<service interface='org.x.Other' ref='x'><service-properties>",
                "<entry key='handoff.context' value='/other'/></service-properties></service>",
                "<service interface='org.handoff.worker.api.Handler' ref='x'><service-properties>",
                "<entry key='handoff.context' value='${context}'/></service-properties></service>");
        List<Map<String, Object>> handlers = BlueprintXml.of(bundle).handlers();
        assertEquals(2, handlers.size());
        assertEquals("/a", handlers.get(0).get(HandoffContext.PROPERTY));
        assertEquals("example.org", handlers.get(0).get(Host.PROPERTY));
        assertArrayEquals(new String[] {"/b", "/c"}, (String[]) handlers.get(1).get(HandoffContext.PROPERTY));
    }

    @Test
    void fileThatIsNoXmlIsLeftOut() throws Exception {
        write("OSGI-INF/blueprint/a.xml", "<reference interface='org.x.Y'/>");
        Files.writeString(files.resolve("OSGI-INF/blueprint/b.xml"), "<blueprint");
        assertEquals(1, BlueprintXml.of(bundle).references().size());
    }
}
