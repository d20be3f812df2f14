package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.handoff.worker.api.Context;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Pool;
import org.junit.jupiter.api.Test;

class HandlerDeclarationTest {

    @Test
    void aDeclarationIsReadFromTheServicesProperties() {
        HandlerDeclaration read = read(Map.of(Context.PROPERTY, new String[] {"/a/", "/b"},
                Host.PROPERTY, "Example.ORG", "component.name", "x.Y"));
        assertEquals(List.of("/a", "/b"), read.contexts());
        assertEquals("example.org", read.host());
        assertEquals("x.Y of bundle my.bundle [42]", read.describe());
        assertEquals(List.of("/one"), read(Map.of(Context.PROPERTY, "/one")).contexts());
    }

    @Test
    void whatCannotBeServedIsRefusedWithTheRemedy() {
        assertRefused(Map.of(), "@Context");
        assertRefused(Map.of(Context.PROPERTY, 5), "@Context");
        assertRefused(Map.of(Context.PROPERTY, "no/slash"), "no/slash");
    }

    @Test
    void aHandlerWithoutAPoolIsTheDefaultPools() {
        assertEquals("default", HandlerDeclaration.pool(Fakes.reference(Map.of())));
        assertEquals("other", HandlerDeclaration.pool(Fakes.reference(Map.of(Pool.PROPERTY, "other"))));
    }

    private static HandlerDeclaration read(Map<String, Object> given) {
        Map<String, Object> properties = new HashMap<>(given);
        properties.put("service.id", 5L);
        return HandlerDeclaration.of(Fakes.reference(properties));
    }

    private static void assertRefused(Map<String, Object> properties, String words) {
        String message = assertThrows(IllegalArgumentException.class, () -> read(properties)).getMessage();
        assertTrue(message.contains(words), message);
    }
}
