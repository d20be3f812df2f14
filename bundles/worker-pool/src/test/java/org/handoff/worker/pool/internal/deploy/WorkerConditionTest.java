package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.apache.karaf.bundle.core.BundleState;
import org.handoff.testkit.Fake;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.junit.jupiter.api.Test;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** What Karaf's users are told of components that wait for a worker, and of those that do not. */
class WorkerConditionTest {

    private static final String TRUE = "(osgi.condition.id=true)";

    private final List<ComponentDescriptionDTO> components = new ArrayList<>();
    private ComponentConfigurationDTO[] configurations = {};
    private final ServiceComponentRuntime runtime =
            Fake.of(ServiceComponentRuntime.class, (method, arguments) -> switch (method) {
                case "getComponentDescriptionDTOs" -> components;
                case "getComponentConfigurationDTOs" -> List.of(configurations);
                default -> throw new UnsupportedOperationException(method);
            });

    private static ComponentDescriptionDTO component(String name, String type, boolean immediate, String target) {
        ComponentDescriptionDTO component = new ComponentDescriptionDTO();
        component.name = name;
        component.serviceInterfaces = new String[] {type};
        component.immediate = immediate;
        component.properties = Map.of("osgi.ds.satisfying.condition.target", target);
        component.bundle = new BundleDTO();
        component.bundle.symbolicName = "my.bundle";
        component.bundle.version = "1.0.0";
        component.bundle.id = 42;
        return component;
    }

    private static ComponentConfigurationDTO lacking(String... targets) {
        ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
        configuration.state = targets.length == 0
                ? ComponentConfigurationDTO.SATISFIED
                : ComponentConfigurationDTO.UNSATISFIED_REFERENCE;
        configuration.unsatisfiedReferences = Stream.of(targets)
                .map(target -> {
                    UnsatisfiedReferenceDTO reference = new UnsatisfiedReferenceDTO();
                    reference.target = target;
                    return reference;
                })
                .toArray(UnsatisfiedReferenceDTO[]::new);
        return configuration;
    }

    @Test
    void immediateHandlersThatDoNotWaitForAWorkerAreFoundOnce() {
        ImmediateHandlers immediate = new ImmediateHandlers(runtime);
        components.add(component("delayed", Handler.class.getName(), false, TRUE));
        components.add(component("another", "x.Y", true, TRUE));
        components.add(component("right", Handler.class.getName(), true, HandoffContext.IN_WORKERS));
        assertEquals(List.of(), immediate.found());
        components.add(component("wrong", Handler.class.getName(), true, TRUE));
        assertEquals(List.of("wrong of bundle my.bundle 1.0.0 [42]"), immediate.found());
        assertEquals(List.of(), immediate.found());
    }

    @Test
    void bundleWhoseComponentsWaitForAWorkerIsActive() {
        components.add(component("a", Handler.class.getName(), false, HandoffContext.IN_WORKERS));
        HandlerBundleState state = new HandlerBundleState(runtime);
        configurations = new ComponentConfigurationDTO[] {lacking(), lacking(HandoffContext.IN_WORKERS)};
        assertEquals(BundleState.Active, state.getState(Fakes.bundle()));
        assertNotNull(state.getDiag(Fakes.bundle()));
    }

    @Test
    void bundleThatWaitsForSomethingElseOrForNothingIsLeftToKaraf() {
        components.add(component("a", Handler.class.getName(), false, HandoffContext.IN_WORKERS));
        HandlerBundleState state = new HandlerBundleState(runtime);
        configurations = new ComponentConfigurationDTO[] {lacking()};
        assertEquals(BundleState.Unknown, state.getState(Fakes.bundle()));
        assertNull(state.getDiag(Fakes.bundle()));
        configurations = new ComponentConfigurationDTO[] {
            lacking(HandoffContext.IN_WORKERS), lacking(HandoffContext.IN_WORKERS, "(of=nobody)")
        };
        assertEquals(BundleState.Unknown, state.getState(Fakes.bundle()));
    }
}
