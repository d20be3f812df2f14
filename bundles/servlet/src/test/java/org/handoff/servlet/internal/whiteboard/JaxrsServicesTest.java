package org.handoff.servlet.internal.whiteboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.handoff.servlet.internal.whiteboard.ExpectedServices.Expected;
import org.handoff.testkit.Fake;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.jaxrs.runtime.JaxrsServiceRuntime;
import org.osgi.service.jaxrs.runtime.dto.ApplicationDTO;
import org.osgi.service.jaxrs.runtime.dto.DTOConstants;
import org.osgi.service.jaxrs.runtime.dto.ExtensionDTO;
import org.osgi.service.jaxrs.runtime.dto.FailedApplicationDTO;
import org.osgi.service.jaxrs.runtime.dto.FailedExtensionDTO;
import org.osgi.service.jaxrs.runtime.dto.FailedResourceDTO;
import org.osgi.service.jaxrs.runtime.dto.ResourceDTO;
import org.osgi.service.jaxrs.runtime.dto.RuntimeDTO;

/** What a worker makes of what Apache Aries says of its services, which is here as Aries says it. */
class JaxrsServicesTest {

    private static final long APPLICATION = 7;
    private static final int RESOURCES = 20;

    private final RuntimeDTO said = new RuntimeDTO();
    private int looks;
    private List<ServiceReference<?>> registered = List.of();

    private final Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
        case "getSymbolicName" -> "shop";
        case "adapt" ->
            Fake.of(
                    BundleWiring.class,
                    (capabilities, none) -> List.of(Fake.of(
                            BundleCapability.class,
                            (attributes, nothing) -> Map.of("osgi.implementation", "osgi.jaxrs"))));
        default -> throw new UnsupportedOperationException(method);
    });

    private final ServiceReference<?> runtime =
            reference(1, Map.of("service.changecount", (long) RESOURCES, "service.id", 1L));

    private final BundleContext context = Fake.of(BundleContext.class, (method, arguments) -> switch (method) {
        case "getBundles" -> new Bundle[] {bundle};
        case "getServiceReference" -> runtime;
        case "getService" ->
            Fake.of(JaxrsServiceRuntime.class, (get, none) -> {
                looks++;
                return said;
            });
        case "ungetService" -> true;
        case "addServiceListener", "removeServiceListener" -> null;
        case "getAllServiceReferences" ->
            registered.stream()
                    .filter(one -> arguments[1] == null || matches((String) arguments[1], one))
                    .toArray(ServiceReference<?>[]::new);
        default -> throw new UnsupportedOperationException(method);
    });

    private ServiceReference<?> reference(long id, Map<String, Object> properties) {
        return Fake.of(ServiceReference.class, (method, arguments) -> switch (method) {
            case "getProperty" -> properties.get(arguments[0]);
            case "getPropertyKeys" -> properties.keySet().toArray(String[]::new);
            case "getBundle" -> bundle;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static boolean matches(String filter, ServiceReference<?> reference) {
        try {
            return FrameworkUtil.createFilter(filter).match(reference);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(filter, e);
        }
    }

    private ServiceReference<?> application() {
        return reference(
                APPLICATION,
                Map.of(
                        "service.id",
                        APPLICATION,
                        "objectClass",
                        new String[] {"javax.ws.rs.core.Application"},
                        "osgi.jaxrs.application.base",
                        "/api"));
    }

    private ServiceReference<?> resource(long id) {
        return reference(id, Map.of("service.id", id, "osgi.jaxrs.resource", true, "osgi.jaxrs.name", "r" + id));
    }

    @BeforeEach
    void sayNothing() {
        said.applicationDTOs = new ApplicationDTO[0];
        said.failedApplicationDTOs = new FailedApplicationDTO[0];
        said.failedResourceDTOs = new FailedResourceDTO[0];
        said.failedExtensionDTOs = new FailedExtensionDTO[0];
    }

    private JaxrsServices.Look failed(int reason) {
        FailedApplicationDTO failed = new FailedApplicationDTO();
        failed.serviceId = APPLICATION;
        failed.failureReason = reason;
        said.failedApplicationDTOs = new FailedApplicationDTO[] {failed};
        return new JaxrsServices(context).look();
    }

    @Test
    void applicationBehindOneOfAHigherRankingIsNoFailure() {
        JaxrsServices.Look look = failed(DTOConstants.FAILURE_REASON_SHADOWED_BY_OTHER_SERVICE);
        assertNull(look.awaited(application()));
        assertNull(look.failure(application()));
    }

    @Test
    void applicationWhoseServletContextIsToComeIsAwaited() {
        assertEquals(
                "its osgi.http.whiteboard.context.select selects no servlet context",
                failed(101).awaited(application()));
    }

    @Test
    void applicationThatIsRefusedIsNotAwaited() {
        JaxrsServices.Look look = failed(DTOConstants.FAILURE_REASON_VALIDATION_FAILED);
        assertNull(look.awaited(application()));
        assertEquals(
                "its service properties are not those of the JAX-RS Whiteboard specification",
                look.failure(application()));
    }

    /** Aries examines the classes of all resources each time. */
    @Test
    void asksOnceForAllResources() {
        ApplicationDTO all = new ApplicationDTO() {};
        all.resourceDTOs = new ResourceDTO[RESOURCES];
        all.extensionDTOs = new ExtensionDTO[0];
        List<Expected> expected = new ArrayList<>();
        registered = new ArrayList<>();
        for (int i = 0; i < RESOURCES; i++) {
            long id = 100 + i;
            all.resourceDTOs[i] = new ResourceDTO();
            all.resourceDTOs[i].serviceId = id;
            registered.add(resource(id));
            expected.add(new Expected("shop", "", "(osgi.jaxrs.name=r" + id + ")"));
        }
        said.applicationDTOs = new ApplicationDTO[] {all};
        assertNull(new ExpectedServices(context, expected).awaitMissing());
        assertEquals(1, looks);
    }
}
