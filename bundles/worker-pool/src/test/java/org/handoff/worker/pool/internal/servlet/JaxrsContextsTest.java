package org.handoff.worker.pool.internal.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** Applications of the JAX-RS Whiteboard answer below their base, within the servlet context that they select. */
class JaxrsContextsTest {

    private static final WhiteboardDeclaration SHOP =
            declared(Map.of("osgi.http.whiteboard.context.name", "shop", "osgi.http.whiteboard.context.path", "/shop"));

    private static WhiteboardDeclaration declared(Map<String, Object> properties) {
        return new WhiteboardDeclaration(null, null, properties, "", false);
    }

    private static List<String> contexts(Map<String, Object> properties) {
        WhiteboardDeclaration service = declared(properties);
        return new ServletContexts(List.of(SHOP, service)).of(List.of(service));
    }

    @Test
    void applicationIsAtItsBase() {
        for (String base : List.of("api", "/api", "/api/")) {
            assertEquals(List.of("/api"), contexts(Map.of("osgi.jaxrs.application.base", base)), base);
        }
        assertEquals(List.of("/"), contexts(Map.of("osgi.jaxrs.application.base", "/")));
    }

    @Test
    void applicationIsWithinTheServletContextThatItSelects() {
        assertEquals(
                List.of("/shop/api"),
                contexts(Map.of(
                        "osgi.jaxrs.application.base",
                        "/api",
                        "osgi.http.whiteboard.context.select",
                        "(osgi.http.whiteboard.context.name=shop)")));
    }

    @Test
    void resourceOfAnApplicationHasNoContextOfItsOwn() {
        assertEquals(
                List.of(),
                contexts(
                        Map.of("osgi.jaxrs.resource", "true", "osgi.jaxrs.application.select", "(osgi.jaxrs.name=a)")));
    }

    @Test
    void resourceOfTheDefaultApplicationMayBeAnywhere() {
        assertEquals(List.of("/"), contexts(Map.of("osgi.jaxrs.resource", "true")));
    }
}
