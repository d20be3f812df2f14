package org.handoff.worker.pool.internal.deploy;

import java.util.Arrays;

import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The condition that keeps components from being activated in Karaf, as the component runtime describes it. */
public final class WorkerCondition {

    private WorkerCondition() {}

    /** Whether the component waits for a worker, and so is never activated in Karaf. */
    static boolean isOf(ComponentDescriptionDTO component) {
        // By the runtime's view: in a description of an old version the property has no effect.
        return HandoffContext.IN_WORKERS.equals(component.properties.get("osgi.ds.satisfying.condition.target"));
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
