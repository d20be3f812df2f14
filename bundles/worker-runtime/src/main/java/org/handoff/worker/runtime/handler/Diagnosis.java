package org.handoff.worker.runtime.handler;

import org.handoff.worker.api.Handler;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Explains in one line why a handler's service is missing, naming the cause to be mended. */
final class Diagnosis {

    private final HandlerFramework framework;
    private final BlueprintContainers blueprint;
    private final Components components;

    Diagnosis(HandlerFramework framework, BlueprintContainers blueprint) {
        this.framework = framework;
        this.blueprint = blueprint;
        this.components = new Components(framework.context());
    }

    String reason(HandlerEntry entry) {
        String failure = framework.failure(entry.bundle()).orElse(null);
        if (failure != null) {
            return failure;
        }
        Bundle bundle = framework.bundle(entry.bundle()).orElseThrow();
        if (entry.component() == null) {
            String problem = blueprint.problem(bundle);
            return problem == null
                    ? name(bundle) + " registered no service " + Handler.class.getName() + " for " + entry.contexts()
                            + (blueprint.areMaking(bundle)
                                    ? " within " + HandlerServices.LATE_SECONDS + " s after its start"
                                    : " when it was started")
                    : "the Blueprint container of " + name(bundle) + ' ' + problem;
        }
        ComponentDescriptionDTO component = components.component(bundle, entry.component());
        return component == null
                ? name(bundle) + " has no component " + entry.component()
                : components.reason(component);
    }

    private static String name(Bundle bundle) {
        return "the bundle " + bundle.getSymbolicName() + " " + bundle.getVersion();
    }
}
