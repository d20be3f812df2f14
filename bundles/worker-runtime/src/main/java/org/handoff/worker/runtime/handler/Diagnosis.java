package org.handoff.worker.runtime.handler;

import java.util.Arrays;
import java.util.Objects;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Explains in one line why a handler's service is missing, naming the cause to be mended. */
final class Diagnosis {

    private final HandlerFramework framework;
    private final BlueprintContainers blueprint;
    private final Components components;
    private final BundleContext context;

    Diagnosis(HandlerFramework framework, BlueprintContainers blueprint) {
        this.framework = framework;
        this.blueprint = blueprint;
        this.context = framework.context();
        this.components = new Components(context);
    }

    String reason(HandlerEntry entry) {
        String failure = framework.failure(entry.bundle()).orElse(null);
        if (failure != null) {
            return failure;
        }
        Bundle bundle = framework.bundle(entry.bundle()).orElseThrow();
        String said = said(entry, bundle);
        if (said != null) {
            return said;
        }
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

    /** What its bundle says of a handler that it does not make; null for nothing. */
    private String said(HandlerEntry entry, Bundle bundle) {
        ServiceReference<?>[] registered = bundle.getRegisteredServices();
        return registered == null
                ? null
                : Arrays.stream(registered)
                        .filter(one -> one.getProperty(HandoffContext.PROBLEM) != null
                                && Objects.equals(
                                        entry.component(), one.getProperty(ComponentConstants.COMPONENT_NAME)))
                        .map(this::said)
                        .findFirst()
                        .orElse(null);
    }

    private String said(ServiceReference<?> service) {
        String text = String.valueOf(service.getProperty(HandoffContext.PROBLEM));
        if (!(service.getProperty(HandoffContext.PROBLEM_COMPONENT) instanceof String component)
                || !(service.getProperty(HandoffContext.PROBLEM_BUNDLE) instanceof Long id)
                || context.getBundle(id) == null) {
            return text;
        }
        Bundle bundle = context.getBundle(id);
        ComponentDescriptionDTO described = components.component(bundle, component);
        return framework
                .failure(bundle)
                .orElseGet(() -> described == null ? text : text + ": " + components.reason(described));
    }

    private static String name(Bundle bundle) {
        return "the bundle " + bundle.getSymbolicName() + " " + bundle.getVersion();
    }
}
