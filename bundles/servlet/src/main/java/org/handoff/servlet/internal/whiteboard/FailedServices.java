package org.handoff.servlet.internal.whiteboard;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.servlet.runtime.HttpServiceRuntime;
import org.osgi.service.servlet.runtime.dto.DTOConstants;
import org.osgi.service.servlet.runtime.dto.RuntimeDTO;

/** The services that the Whiteboard does not use, with the reasons. */
final class FailedServices {

    private static final Map<Integer, String> REASONS = Map.of(
            DTOConstants.FAILURE_REASON_NO_SERVLET_CONTEXT_MATCHING,
            "its osgi.http.whiteboard.context.select selects no servlet context",
            DTOConstants.FAILURE_REASON_SERVLET_CONTEXT_FAILURE,
            "its servlet context failed",
            DTOConstants.FAILURE_REASON_EXCEPTION_ON_INIT,
            "its init() failed: worker:log has the exception",
            DTOConstants.FAILURE_REASON_SERVICE_NOT_GETTABLE,
            "nobody makes the service: worker:log has the exception",
            DTOConstants.FAILURE_REASON_VALIDATION_FAILED,
            "its service properties are not those of the Whiteboard specification",
            DTOConstants.FAILURE_REASON_SERVICE_IN_USE,
            "it is in use already; give it the scope PROTOTYPE");

    private FailedServices() {}

    /** By service id. One that is shadowed by another service is no failure: the other serves. */
    static Map<Long, String> of(BundleContext context) {
        ServiceReference<HttpServiceRuntime> reference = context.getServiceReference(HttpServiceRuntime.class);
        RuntimeDTO all = context.getService(reference).getRuntimeDTO();
        context.ungetService(reference);
        Map<Long, Integer> failed = new TreeMap<>();
        Set.of(all.failedServletDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Set.of(all.failedFilterDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Set.of(all.failedListenerDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Set.of(all.failedResourceDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Set.of(all.failedErrorPageDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Set.of(all.failedPreprocessorDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        Set.of(all.failedServletContextDTOs).forEach(one -> failed.put(one.serviceId, one.failureReason));
        return failed.entrySet().stream()
                .filter(one -> one.getValue() != DTOConstants.FAILURE_REASON_SHADOWED_BY_OTHER_SERVICE)
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        one -> REASONS.getOrDefault(
                                one.getValue(), "the Whiteboard gives the reason " + one.getValue())));
    }

    /** The id of a service. */
    static long id(ServiceReference<?> service) {
        return (Long) service.getProperty(Constants.SERVICE_ID);
    }
}
