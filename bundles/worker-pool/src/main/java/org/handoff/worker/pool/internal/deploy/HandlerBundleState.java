package org.handoff.worker.pool.internal.deploy;

import java.util.List;

import org.apache.karaf.bundle.core.BundleState;
import org.apache.karaf.bundle.core.BundleStateService;
import org.osgi.framework.Bundle;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;

/**
 * Lets Karaf's {@code bundle:list} show a handler's bundle as active, though its components wait for a worker. Karaf asks
 * the service that came last first; its own service for components comes with Karaf.
 */
@Component
public final class HandlerBundleState implements BundleStateService {

    private final ServiceComponentRuntime components;

    /** Called when Karaf has bundles to list. */
    @Activate
    public HandlerBundleState(@Reference ServiceComponentRuntime components) {
        this.components = components;
    }

    @Override
    public String getName() {
        return "Handoff";
    }

    @Override
    public String getDiag(Bundle bundle) {
        return unsatisfied(bundle).stream().anyMatch(WorkerCondition::isAllThatIsLackedBy)
                ? "Handlers wait for a worker, in which they are activated: see monitor:contexts\n"
                : null;
    }

    @Override
    public BundleState getState(Bundle bundle) {
        List<ComponentConfigurationDTO> unsatisfied = unsatisfied(bundle);
        return bundle.getState() == Bundle.ACTIVE
                        && !unsatisfied.isEmpty()
                        && unsatisfied.stream().allMatch(WorkerCondition::isAllThatIsLackedBy)
                ? BundleState.Active
                : BundleState.Unknown;
    }

    private List<ComponentConfigurationDTO> unsatisfied(Bundle bundle) {
        return components.getComponentDescriptionDTOs(bundle).stream()
                .flatMap(one -> components.getComponentConfigurationDTOs(one).stream())
                .filter(one -> one.state != ComponentConfigurationDTO.ACTIVE
                        && one.state != ComponentConfigurationDTO.SATISFIED)
                .toList();
    }
}
