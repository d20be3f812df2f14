package org.handoff.worker.pool.internal.deploy;

import java.util.Arrays;
import java.util.List;

import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The condition that keeps components from being activated in Karaf, as the component runtime describes it. */
public final class WorkerCondition {

    // Named by Declarative Services (Compendium, 112.3.13).
    private static final String CONDITION = "osgi.ds.satisfying.condition";
    private static final String TARGET = CONDITION + ".target";
    private static final String ALWAYS = "(osgi.condition.id=true)";

    private WorkerCondition() {}

    /** Whether the component waits for a worker, and so is never activated in Karaf. */
    static boolean isOf(ComponentDescriptionDTO component) {
        // By the runtime's view: in a description of an old version the property has no effect.
        return HandoffContext.IN_WORKERS.equals(component.properties.get(TARGET));
    }

    /** Whether the component needs no service of Karaf: no other condition than this one, or the one always met. */
    static boolean isAllThatIsNeededBy(ComponentDescriptionDTO component) {
        return Arrays.stream(component.references)
                .allMatch(reference -> CONDITION.equals(reference.name)
                        && List.of(HandoffContext.IN_WORKERS, ALWAYS)
                                .contains(String.valueOf(component.properties.getOrDefault(TARGET, reference.target))));
    }

    /** Whether the unsatisfied reference is this condition. */
    static boolean isLackedBy(UnsatisfiedReferenceDTO reference) {
        return HandoffContext.IN_WORKERS.equals(reference.target);
    }

    /** Whether this is the only unsatisfied reference of the component. */
    public static boolean isAllThatIsLackedBy(ComponentConfigurationDTO configuration) {
        return configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE
                && Arrays.stream(configuration.unsatisfiedReferences).allMatch(WorkerCondition::isLackedBy);
    }
}
