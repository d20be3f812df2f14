package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Pool;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;

class HandlerDeclarationTest {

    @Test
    void aDeclarationIsReadFromTheServicesProperties() {
        HandlerDeclaration read = read(Map.of(
                HandoffContext.PROPERTY,
                new String[] {"/a/", "/b"},
                Host.PROPERTY,
                "Example.ORG",
                "component.name",
                "x.Y"));
        assertEquals(List.of("/a", "/b"), read.contexts());
        assertEquals("example.org", read.host());
        assertEquals("x.Y of bundle my.bundle 1.2.3 [42]", read.want(null, "").describe());
        assertEquals(
                List.of("/one"), read(Map.of(HandoffContext.PROPERTY, "/one")).contexts());
    }

    @Test
    void whatCannotBeServedIsRefusedWithTheRemedy() {
        assertRefused(Map.of(), "@HandoffContext");
        assertRefused(Map.of(HandoffContext.PROPERTY, 5), "@HandoffContext");
        assertRefused(Map.of(HandoffContext.PROPERTY, "no/slash"), "no/slash");
    }

    @Test
    void aHandlerWithoutAPoolIsTheDefaultPools() {
        assertEquals("default", read(Map.of(HandoffContext.PROPERTY, "/a")).pool());
        assertEquals(
                "other",
                read(Map.of(HandoffContext.PROPERTY, "/a", Pool.PROPERTY, "other"))
                        .pool());
    }

    @Test
    void handlersOfComponentsAreKnownByTheirXmlAlone() throws Exception {
        Filter services = FrameworkUtil.createFilter(HandlerDeclaration.ALL.filter());
        assertTrue(services.matches(Map.of(Constants.OBJECTCLASS, Handler.class.getName())));
        assertFalse(services.matches(Map.of(Constants.OBJECTCLASS, Handler.class.getName(), "component.name", "x.Y")));
    }

    private static HandlerDeclaration read(Map<String, Object> given) {
        return HandlerDeclaration.of(Fakes.bundle(), (String) given.get("component.name"), given::get, "");
    }

    private static void assertRefused(Map<String, Object> properties, String words) {
        String message = assertThrows(IllegalArgumentException.class, () -> read(properties))
                .getMessage();
        assertTrue(message.contains(words), message);
    }
}
