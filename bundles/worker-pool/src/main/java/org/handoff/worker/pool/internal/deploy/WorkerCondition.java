package org.handoff.worker.pool.internal.deploy;

import java.util.Arrays;

import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The condition that keeps components from being activated in Karaf, as the component runtime there tells of it. */
public final class WorkerCondition {

    private WorkerCondition() {}

    /** Whether the component waits for a worker, and so is never activated in Karaf. */
    static boolean isOf(ComponentDescriptionDTO component) {
        // As the runtime has understood it: in a description of an old version the property does nothing.
        return HandoffContext.IN_WORKERS.equals(component.properties.get("osgi.ds.satisfying.condition.target"));
    }

    /** Whether it is what the reference lacks. */
    static boolean isLackedBy(UnsatisfiedReferenceDTO reference) {
        return HandoffContext.IN_WORKERS.equals(reference.target);
    }

    /** Whether the component lacks this and nothing else. */
    public static boolean isAllThatIsLackedBy(ComponentConfigurationDTO configuration) {
        return configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE
                && Arrays.stream(configuration.unsatisfiedReferences).allMatch(WorkerCondition::isLackedBy);
    }
}
