package org.handoff.worker.pool.internal.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

class ServletContextsTest {

    private static final Map<String, Object> SHOP =
            Map.of("osgi.http.whiteboard.context.name", "shop", "osgi.http.whiteboard.context.path", "/shop");
    private static final String OF_SHOP = "(osgi.http.whiteboard.context.name=shop)";

    private static WhiteboardDeclaration service(Map<String, Object> properties) {
        return new WhiteboardDeclaration(bundle(), null, properties, "", false);
    }

    private static Bundle bundle() {
        return (Bundle) java.lang.reflect.Proxy.newProxyInstance(
                Bundle.class.getClassLoader(),
                new Class<?>[] {Bundle.class},
                (proxy, method, arguments) -> method.getName().equals("getSymbolicName") ? "org.example.shop" : null);
    }

    private static WhiteboardDeclaration servlet(String pattern, String select) {
        return service(
                select == null
                        ? Map.of("osgi.http.whiteboard.servlet.pattern", pattern)
                        : Map.of(
                                "osgi.http.whiteboard.servlet.pattern",
                                pattern,
                                "osgi.http.whiteboard.context.select",
                                select));
    }

    private static List<String> contexts(WhiteboardDeclaration... all) {
        return new ServletContexts(List.of(all)).of(List.of(all));
    }

    @Test
    void patternIsAContextWithinThePathOfItsServletContext() {
        Stream.of(
                        List.of("/", "/x/*", "/x"),
                        List.of("/", "/x", "/x"),
                        List.of("/", "/x/y/*", "/x/y"),
                        List.of("/", "/*", "/"),
                        List.of("/", "/", "/"),
                        List.of("/", "", "/"),
                        List.of("/", "*.do", "/"),
                        List.of("/shop", "/x/*", "/shop/x"),
                        List.of("/shop", "/x", "/shop/x"),
                        List.of("/shop", "/*", "/shop"),
                        List.of("/shop", "/", "/shop"),
                        List.of("/shop", "", "/shop"),
                        List.of("/shop", "*.do", "/shop"))
                .forEach(row -> assertEquals(row.get(2), ServletContexts.context(row.get(0), row.get(1)), row + ""));
    }

    @Test
    void patternThatIsNoPathIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ServletContexts.context("/", "/a%20b"));
        assertThrows(IllegalArgumentException.class, () -> ServletContexts.context("/", "/a/../b"));
    }

    @Test
    void servletIsInTheContextThatItSelects() {
        WhiteboardDeclaration shop = service(SHOP);
        assertEquals(List.of("/a"), contexts(shop, servlet("/a", null)));
        assertEquals(List.of("/shop/a"), contexts(shop, servlet("/a", OF_SHOP)));
        assertEquals(List.of("/shop/a"), contexts(shop, servlet("/a", "shop")));
        assertEquals(List.of("/a", "/shop/a"), contexts(shop, servlet("/a", "(osgi.http.whiteboard.context.name=*)")));
        assertEquals(List.of(), contexts(servlet("/a", OF_SHOP)));
        assertEquals(List.of(), contexts(servlet("/a", "((no filter")));
    }

    @Test
    void filterSelectsByPropertiesAndBundle() throws Exception {
        WhiteboardDeclaration servlet = servlet("/a", OF_SHOP);
        assertTrue(servlet.isSelectedBy(FrameworkUtil.createFilter("(bundle=org.example.shop)")));
        assertTrue(servlet.isSelectedBy(FrameworkUtil.createFilter("(osgi.http.whiteboard.servlet.pattern=/a)")));
        assertFalse(servlet.isSelectedBy(FrameworkUtil.createFilter("(bundle=org.example.other)")));
    }

    @Test
    void filterForTheWorkerMatchesTheServiceWhateverItsPropertiesHave() throws Exception {
        Map<String, Object> properties = Map.of(
                "osgi.http.whiteboard.servlet.pattern",
                new String[] {"/a(b)*", "*.do"},
                "osgi.http.whiteboard.servlet.asyncSupported",
                true,
                "other",
                "is not compared");
        String filter = service(properties).filter();
        assertTrue(FrameworkUtil.createFilter(filter).matches(properties));
        assertFalse(FrameworkUtil.createFilter(filter)
                .matches(Map.of("osgi.http.whiteboard.servlet.pattern", new String[] {"/ab", "x.do"})));
    }
}
