package org.handoff.worker.pool.internal.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

/** Which services are for the Whiteboard, and what of them counts. */
class WhiteboardDeclarationTest {

    private static final String PREFIX = "osgi.http.whiteboard.";

    @TempDir
    Path folder;

    private FakeKaraf karaf;
    private FakeKaraf.Web web;

    @BeforeEach
    void start() {
        karaf = new FakeKaraf(folder);
        web = karaf.bundle("web");
    }

    @Test
    void serviceOfEachKindIsOneWhetherItsXmlOrItsCodeSaysSo() {
        List<String> keys = List.of(
                "context.path",
                "servlet.pattern",
                "servlet.name",
                "servlet.errorPage",
                "filter.pattern",
                "filter.regex",
                "filter.servlet",
                "listener",
                "resource.pattern");
        keys.forEach(key -> web.service(Map.of(PREFIX + key, "true")));
        keys.forEach(key -> web.component(key, Map.of(PREFIX + key, "true")));
        web.service(Map.of(PREFIX + "context.select", "(a=b)"));
        web.component("other", Map.of("other", "true"));
        List<WhiteboardDeclaration> all = karaf.declared();
        assertEquals(
                keys,
                all.stream()
                        .map(WhiteboardDeclaration::component)
                        .filter(one -> one != null)
                        .toList());
        assertEquals(2 * keys.size(), all.size());
    }

    @Test
    void preprocessorNeedsNoProperty() throws Exception {
        String type = "org.osgi.service.http.whiteboard.Preprocessor";
        ServiceReference<?> service = web.service(Map.of("objectClass", new String[] {"other.Type", type}));
        web.service(Map.of("objectClass", new String[] {"other.Type"}));
        List<WhiteboardDeclaration> all = karaf.declared();
        assertEquals(1, all.size());
        assertTrue(all.get(0).isSelectedBy(FrameworkUtil.createFilter("(bundle=web)")));
        assertEquals("(&(objectClass=" + type + "))", all.get(0).filter());
        assertTrue(FrameworkUtil.createFilter(all.get(0).filter()).match(service));
    }

    @Test
    void propertyThatIsATextOrSeveralIsReadAlike() {
        web.service(Map.of(PREFIX + "servlet.pattern", "/a"));
        web.service(Map.of(PREFIX + "servlet.pattern", new String[] {"/a", "/b"}));
        web.service(Map.of(PREFIX + "servlet.pattern", List.of("/c")));
        assertEquals(
                List.of(List.of("/a"), List.of("/a", "/b"), List.of("/c")),
                karaf.declared().stream()
                        .map(one -> one.texts(PREFIX + "servlet.pattern"))
                        .toList());
        assertEquals(List.of(), karaf.declared().get(0).texts("other"));
    }

    /** What is not for the Whiteboard may be another in a worker. */
    @Test
    void onlyPropertiesForTheWhiteboardTellServicesApart() {
        web.service(Map.of(PREFIX + "servlet.pattern", "/a", "time", 1));
        web.service(Map.of(PREFIX + "servlet.pattern", "/a", "time", 2));
        web.service(Map.of(PREFIX + "servlet.pattern", "/a", PREFIX + "servlet.name", "a"));
        List<WhiteboardDeclaration> all = karaf.declared();
        assertTrue(all.get(0).isLike(all.get(1)));
        assertFalse(all.get(0).isLike(all.get(2)));
    }

    @Test
    void componentThatLacksAServiceWaitsForIt() {
        web.component("products", Map.of(PREFIX + "servlet.pattern", "/products"))
                .lacks("org.example.Database");
        WhiteboardDeclaration products = karaf.declared().get(0);
        assertEquals("there is no service org.example.Database", products.waiting());
        assertEquals("", products.leftOut(Map.of()));
        assertEquals("the component products of bundle web", products.describe());
    }

    @Test
    void contextNeedsANameAndAPath() {
        web.service(Map.of(PREFIX + "context.path", "/a"));
        web.service(Map.of(PREFIX + "context.path", "/a", PREFIX + "context.name", "a"));
        web.service(Map.of(PREFIX + "context.path", "/a", PREFIX + "context.name", "default"));
        List<WhiteboardDeclaration> all = karaf.declared();
        assertEquals(
                List.of(false, true, true),
                all.stream().map(WhiteboardDeclaration::isContext).toList());
        assertEquals(
                List.of(false, false, true),
                all.stream().map(WhiteboardDeclaration::isDefault).toList());
    }
}
