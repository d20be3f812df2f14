package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.testkit.Fake;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;

/** A service may come, change and go while no bundle does. */
class ChangesTest {

    private final AtomicInteger told = new AtomicInteger();
    private final Changes changes = new Changes(
            Fake.of(BundleContext.class, (method, arguments) -> null),
            "org.example.Words"::equals,
            told::incrementAndGet);

    private int toldOf(String... types) {
        ServiceReference<?> service = Fake.of(ServiceReference.class, (method, arguments) -> types);
        int before = told.get();
        for (int type : new int[] {ServiceEvent.REGISTERED, ServiceEvent.MODIFIED, ServiceEvent.UNREGISTERING}) {
            changes.serviceChanged(new ServiceEvent(type, service));
        }
        return told.get() - before;
    }

    @Test
    void servicesThatHandlersReferToAndHandlersThemselvesMatter() {
        assertEquals(3, toldOf("org.example.Words"));
        assertEquals(3, toldOf("org.example.Other", "org.example.Words"));
        assertEquals(3, toldOf(Handler.class.getName()));
    }

    @Test
    void otherServicesDoNot() {
        assertEquals(0, toldOf("org.example.Other"));
    }
}
