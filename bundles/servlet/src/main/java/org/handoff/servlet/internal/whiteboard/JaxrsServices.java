package org.handoff.servlet.internal.whiteboard;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.jaxrs.runtime.JaxrsServiceRuntime;
import org.osgi.service.jaxrs.runtime.dto.ApplicationDTO;
import org.osgi.service.jaxrs.runtime.dto.DTOConstants;
import org.osgi.service.jaxrs.runtime.dto.RuntimeDTO;

/**
 * What the OSGi JAX-RS Whiteboard makes of the services for it. It does so on threads of its own: until it has taken a
 * resource, the servlet of its application says that there is no service.
 */
final class JaxrsServices {

    /** A name, as its package is not there without an implementation. */
    private static final String RUNTIME = "org.osgi.service.jaxrs.runtime.JaxrsServiceRuntime";

    /** The servlets that Apache Aries registers have the base of their application too. */
    private static final String KINDS = "(|(osgi.jaxrs.resource=true)(osgi.jaxrs.extension=true)"
            + "(&(objectClass=javax.ws.rs.core.Application)(osgi.jaxrs.application.base=*)))";

    private static final String TARGET = "osgi.jaxrs.whiteboard.target";

    /** Apache Aries has this reason of its own. */
    private static final int REQUIRED_CONTEXT_UNAVAILABLE = 101;

    /** What may go by itself: others are still to come. */
    private static final Set<Integer> TRANSIENT = Set.of(
            DTOConstants.FAILURE_REASON_REQUIRED_APPLICATION_UNAVAILABLE,
            DTOConstants.FAILURE_REASON_REQUIRED_EXTENSIONS_UNAVAILABLE,
            REQUIRED_CONTEXT_UNAVAILABLE);

    private static final Map<Integer, String> REASONS = Map.of(
            DTOConstants.FAILURE_REASON_REQUIRED_APPLICATION_UNAVAILABLE,
            "its osgi.jaxrs.application.select selects no application",
            DTOConstants.FAILURE_REASON_REQUIRED_EXTENSIONS_UNAVAILABLE,
            "an extension of its osgi.jaxrs.extension.select is not there",
            REQUIRED_CONTEXT_UNAVAILABLE,
            "its osgi.http.whiteboard.context.select selects no servlet context",
            DTOConstants.FAILURE_REASON_UNKNOWN,
            "the JAX-RS Whiteboard cannot use it: worker:log has the exception",
            DTOConstants.FAILURE_REASON_SERVICE_NOT_GETTABLE,
            "nobody makes the service: worker:log has the exception",
            DTOConstants.FAILURE_REASON_VALIDATION_FAILED,
            "its service properties are not those of the JAX-RS Whiteboard specification",
            DTOConstants.FAILURE_REASON_DUPLICATE_NAME,
            "another service has its osgi.jaxrs.name",
            DTOConstants.FAILURE_REASON_NOT_AN_EXTENSION_TYPE,
            "it is registered with no type of an extension");

    private final BundleContext context;

    JaxrsServices(BundleContext context) {
        this.context = context;
    }

    /** Looks once for all services: for each look Apache Aries examines the classes of all resources. */
    Look look() {
        if (!isThere()) {
            return new Look(false, null, Map.of(), Set.of(), true);
        }
        ServiceReference<?> runtime = context.getServiceReference(RUNTIME);
        RuntimeDTO all = runtime == null ? null : all(runtime);
        return all == null
                ? new Look(true, null, Map.of(), Set.of(), false)
                : new Look(true, runtime, failed(all), taken(all), isDone(runtime));
    }

    private boolean isThere() {
        return Arrays.stream(context.getBundles())
                .map(one -> one.adapt(BundleWiring.class))
                .filter(one -> one != null)
                .flatMap(one -> one.getCapabilities("osgi.implementation").stream())
                .anyMatch(one -> "osgi.jaxrs".equals(one.getAttributes().get("osgi.implementation")));
    }

    private RuntimeDTO all(ServiceReference<?> runtime) {
        JaxrsServiceRuntime service = (JaxrsServiceRuntime) context.getService(runtime);
        try {
            return service == null ? null : service.getRuntimeDTO();
        } finally {
            context.ungetService(runtime);
        }
    }

    /** What the Whiteboard makes of the services at one moment. */
    static final class Look {

        private final boolean isThere;
        private final ServiceReference<?> runtime;
        private final Map<Long, Integer> failed;
        private final Set<Long> taken;
        private final boolean isDone;

        /** @param runtime null before the Whiteboard has begun */
        private Look(
                boolean isThere,
                ServiceReference<?> runtime,
                Map<Long, Integer> failed,
                Set<Long> taken,
                boolean isDone) {
            this.isThere = isThere;
            this.runtime = runtime;
            this.failed = failed;
            this.taken = taken;
            this.isDone = isDone;
        }

        /** Why a service is not served yet; null once it is served, or {@link #failure fails}, or is for no JAX-RS. */
        String awaited(ServiceReference<?> service) {
            if (!isFor(service)) {
                return null;
            }
            if (runtime == null) {
                return "the JAX-RS Whiteboard has not begun";
            }
            long id = FailedServices.id(service);
            Integer reason = failed.get(id);
            if (reason != null) {
                return TRANSIENT.contains(reason) ? text(reason) : null;
            }
            if (!taken.contains(id)) {
                return "the JAX-RS Whiteboard has not looked at it";
            }
            return isDone ? null : "the JAX-RS Whiteboard is at work";
        }

        /** Why a service is not served; null for none. One that is shadowed by another is no failure. */
        String failure(ServiceReference<?> service) {
            Integer reason = isFor(service) ? failed.get(FailedServices.id(service)) : null;
            return reason == null || reason == DTOConstants.FAILURE_REASON_SHADOWED_BY_OTHER_SERVICE
                    ? null
                    : text(reason);
        }

        private boolean isFor(ServiceReference<?> service) {
            return isThere && matches(KINDS, service) && (runtime == null || isTarget(service, runtime));
        }

        private static String text(int reason) {
            return REASONS.getOrDefault(reason, "the JAX-RS Whiteboard gives the reason " + reason);
        }
    }

    private static boolean isTarget(ServiceReference<?> service, ServiceReference<?> runtime) {
        Object target = service.getProperty(TARGET);
        return target == null || matches(target.toString(), runtime);
    }

    private static boolean matches(String filter, ServiceReference<?> service) {
        try {
            return FrameworkUtil.createFilter(filter).match(service);
        } catch (InvalidSyntaxException e) {
            // No Whiteboard takes it.
            return false;
        }
    }

    private static Map<Long, Integer> failed(RuntimeDTO all) {
        Map<Long, Integer> failed = new HashMap<>();
        Stream.of(all.failedApplicationDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Stream.of(all.failedResourceDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Stream.of(all.failedExtensionDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        return failed;
    }

    private static Set<Long> taken(RuntimeDTO all) {
        Set<Long> taken = new HashSet<>();
        Stream.concat(Stream.of(all.applicationDTOs), Stream.ofNullable(all.defaultApplication))
                .forEach(one -> take(one, taken));
        return taken;
    }

    private static void take(ApplicationDTO application, Set<Long> taken) {
        taken.add(application.serviceId);
        Stream.of(application.resourceDTOs).forEach(one -> taken.add(one.serviceId));
        Stream.of(application.extensionDTOs).forEach(one -> taken.add(one.serviceId));
    }

    /**
     * Whether each service that the Whiteboard knows works. Apache Aries lists a service first, then makes the
     * application anew with it, and counts a change at last.
     */
    private boolean isDone(ServiceReference<?> runtime) {
        try {
            ServiceReference<?>[] known = context.getAllServiceReferences(null, KINDS);
            long count = known == null
                    ? 0
                    : Arrays.stream(known).filter(one -> isTarget(one, runtime)).count();
            return runtime.getProperty("service.changecount") instanceof Long changes && changes >= count;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("this is a filter", e);
        }
    }
}
