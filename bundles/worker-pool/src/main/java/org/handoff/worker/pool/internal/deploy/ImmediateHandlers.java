package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.handoff.worker.api.Handler;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * The handlers that Karaf runs too, as their components are immediate and do not wait for a worker. For one thread at a
 * time.
 */
public final class ImmediateHandlers {

    private final ServiceComponentRuntime components;
    private Set<String> known = Set.of();

    public ImmediateHandlers(ServiceComponentRuntime components) {
        this.components = components;
    }

    /** The handlers not seen at the last look, for people. */
    public List<String> found() {
        List<String> found = components.getComponentDescriptionDTOs().stream()
                .filter(one -> one.immediate && List.of(one.serviceInterfaces).contains(Handler.class.getName()))
                .filter(one -> !WorkerCondition.isOf(one))
                .map(ImmediateHandlers::describe)
                .toList();
        List<String> added = new ArrayList<>(found);
        added.removeAll(known);
        known = new HashSet<>(found);
        return added;
    }

    private static String describe(ComponentDescriptionDTO component) {
        return component.name + " of bundle " + component.bundle.symbolicName + " " + component.bundle.version + " ["
                + component.bundle.id + "]";
    }
}
