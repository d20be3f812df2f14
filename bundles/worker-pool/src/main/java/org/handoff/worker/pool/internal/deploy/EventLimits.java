package org.handoff.worker.pool.internal.deploy;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Says of handlers that use Event Admin that each worker has one of its own, which nothing else would show. */
final class EventLimits {

    private static final String SENDS = "org.osgi.service.event.EventAdmin";
    private static final String RECEIVES = "org.osgi.service.event.EventHandler";

    private EventLimits() {}

    /**
     * The remark about a handler's bundle; empty for none.
     *
     * @param used the services that the bundle and its needs refer to
     * @param own the bundle's components
     */
    static String remark(Stream<ServiceReference<?>> used, Collection<ComponentDescriptionDTO> own) {
        boolean sends = used.anyMatch(service ->
                List.of((String[]) service.getProperty(Constants.OBJECTCLASS)).contains(SENDS));
        boolean receives = own.stream()
                .anyMatch(component -> List.of(component.serviceInterfaces).contains(RECEIVES));
        return sends || receives
                ? "events of Event Admin stay in the worker: a message broker, or a request, reaches the others"
                : "";
    }
}
