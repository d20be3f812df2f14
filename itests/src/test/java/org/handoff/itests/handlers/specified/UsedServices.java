package org.handoff.itests.handlers.specified;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.http.runtime.HttpServiceRuntime;
import org.osgi.service.http.runtime.dto.RuntimeDTO;
import org.osgi.service.http.runtime.dto.ServletContextDTO;

/** What the Whiteboard of its framework says about single services. */
final class UsedServices {

    static final String IGNORED = "ignored";
    private static final long WAIT_NANOS = 2_000_000_000L;

    private final BundleContext context;

    UsedServices(BundleContext context) {
        this.context = context;
    }

    RuntimeDTO runtime() {
        ServiceReference<HttpServiceRuntime> reference = context.getServiceReference(HttpServiceRuntime.class);
        try {
            return context.getService(reference).getRuntimeDTO();
        } finally {
            context.ungetService(reference);
        }
    }

    /** Where a service is used, or the reason why it is not, once it is the expected one, or at the deadline. */
    String await(ServiceReference<?> service, String expected) {
        return await(() -> of((Long) service.getProperty("service.id")), expected);
    }

    /** An answer, once it is the expected one, or at the deadline. */
    static String await(Supplier<String> asked, String expected) {
        long deadline = System.nanoTime() + WAIT_NANOS;
        String answer = asked.get();
        while (!answer.equals(expected) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            answer = asked.get();
        }
        return answer;
    }

    private String of(long id) {
        RuntimeDTO all = runtime();
        return Stream.concat(used(all, id), failed(all, id)).findFirst().orElse(IGNORED);
    }

    private static Stream<String> used(RuntimeDTO all, long id) {
        Stream<String> within = Arrays.stream(all.servletContextDTOs)
                .filter(one -> within(one, id))
                .map(one -> "used in " + one.name);
        Stream<String> contexts = Arrays.stream(all.servletContextDTOs)
                .filter(one -> one.serviceId == id)
                .map(one -> "context " + one.name);
        Stream<String> preprocessors = Arrays.stream(all.preprocessorDTOs)
                .filter(one -> one.serviceId == id)
                .map(one -> "preprocessor");
        return Stream.of(contexts, within, preprocessors).flatMap(one -> one);
    }

    private static boolean within(ServletContextDTO context, long id) {
        return Arrays.stream(context.servletDTOs).anyMatch(one -> one.serviceId == id)
                || Arrays.stream(context.filterDTOs).anyMatch(one -> one.serviceId == id)
                || Arrays.stream(context.resourceDTOs).anyMatch(one -> one.serviceId == id)
                || Arrays.stream(context.errorPageDTOs).anyMatch(one -> one.serviceId == id)
                || Arrays.stream(context.listenerDTOs).anyMatch(one -> one.serviceId == id);
    }

    private static Stream<String> failed(RuntimeDTO all, long id) {
        return Stream.of(
                        Arrays.stream(all.failedServletDTOs)
                                .filter(one -> one.serviceId == id)
                                .map(one -> one.failureReason),
                        Arrays.stream(all.failedFilterDTOs)
                                .filter(one -> one.serviceId == id)
                                .map(one -> one.failureReason),
                        Arrays.stream(all.failedResourceDTOs)
                                .filter(one -> one.serviceId == id)
                                .map(one -> one.failureReason),
                        Arrays.stream(all.failedErrorPageDTOs)
                                .filter(one -> one.serviceId == id)
                                .map(one -> one.failureReason),
                        Arrays.stream(all.failedListenerDTOs)
                                .filter(one -> one.serviceId == id)
                                .map(one -> one.failureReason),
                        Arrays.stream(all.failedServletContextDTOs)
                                .filter(one -> one.serviceId == id)
                                .map(one -> one.failureReason))
                .flatMap(one -> one)
                .map(reason -> "failed " + reason);
    }
}
