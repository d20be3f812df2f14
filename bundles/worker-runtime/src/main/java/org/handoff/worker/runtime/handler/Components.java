package org.handoff.worker.runtime.handler;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.worker.api.Handler;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The components of Declarative Services in a framework, each with the reason why it is not satisfied. */
final class Components {

    private static final String UNSATISFIED = "unsatisfied";

    private final ServiceComponentRuntime components;

    Components(BundleContext context) {
        components = context.getService(context.getServiceReference(ServiceComponentRuntime.class));
    }

    /** The component's description; null if the bundle has none of that name. */
    ComponentDescriptionDTO component(Bundle bundle, String name) {
        return components.getComponentDescriptionDTO(bundle, name);
    }

    /** The reason why a component is missing, in one line that names the cause to be mended. */
    String reason(ComponentDescriptionDTO component) {
        return reason(component, new HashSet<>());
    }

    /** All components: name, bundle, state, and the reason why one is not satisfied. */
    List<List<String>> all() {
        return components.getComponentDescriptionDTOs().stream()
                .map(component -> {
                    String state = state(component);
                    return List.of(
                            component.name,
                            Objects.requireNonNullElse(component.bundle.symbolicName, ""),
                            state,
                            state.equals(UNSATISFIED) ? reason(component) : "");
                })
                .toList();
    }

    /** A component without an instance is activated at its first use. */
    private String state(ComponentDescriptionDTO component) {
        List<Integer> states = components.getComponentConfigurationDTOs(component).stream()
                .map(configuration -> configuration.state)
                .toList();
        return states.contains(ComponentConfigurationDTO.ACTIVE)
                ? "active"
                : states.contains(ComponentConfigurationDTO.SATISFIED) ? "satisfied" : UNSATISFIED;
    }

    /**
     * The reason why a component is missing. Components asked about already are skipped, as references may be circular.
     */
    private String reason(ComponentDescriptionDTO component, Set<String> asked) {
        asked.add(component.name);
        Collection<ComponentConfigurationDTO> configurations = components.getComponentConfigurationDTOs(component);
        String subject = "the component " + component.name;
        if (configurations.isEmpty()) {
            return subject
                    + (components.isComponentEnabled(component)
                            ? " waits for the configuration " + String.join(", ", component.configurationPid)
                            : " is not enabled");
        }
        ComponentConfigurationDTO configuration = configurations.iterator().next();
        return subject
                + switch (configuration.state) {
                    case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION ->
                        " waits for the configuration " + String.join(", ", component.configurationPid);
                    case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
                        " lacks "
                                + Arrays.stream(configuration.unsatisfiedReferences)
                                        .map(reference -> service(component, reference, asked))
                                        .collect(Collectors.joining(" and "));
                    case ComponentConfigurationDTO.FAILED_ACTIVATION ->
                        " failed to activate: " + cause(configuration.failure);
                    default -> " provides no service " + Handler.class.getName() + " of this worker's package";
                };
    }

    private String service(ComponentDescriptionDTO component, UnsatisfiedReferenceDTO missing, Set<String> asked) {
        String type = Arrays.stream(component.references)
                .filter(reference -> reference.name.equals(missing.name))
                .map((ReferenceDTO reference) -> reference.interfaceName)
                .findAny()
                .orElse(missing.name);
        String service = "the service " + type + (missing.target == null ? "" : " " + missing.target);
        String provider = components.getComponentDescriptionDTOs().stream()
                .filter(other -> List.of(other.serviceInterfaces).contains(type) && !asked.contains(other.name))
                .findAny()
                .map(other -> reason(other, asked))
                .orElse(null);
        return provider == null ? service : service + " (" + provider + ")";
    }

    /** The first cause, from the stack trace, the only information of Declarative Services. */
    private static String cause(String stackTrace) {
        String cause = stackTrace.lines().findFirst().orElse("");
        for (String line : (Iterable<String>) stackTrace.lines()::iterator) {
            if (line.startsWith("Caused by: ")) {
                cause = line.substring("Caused by: ".length());
            }
        }
        return cause;
    }
}
