package org.handoff.itests.handlers.specified;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.http.context.ServletContextHelper;
import org.osgi.service.http.runtime.HttpServiceRuntime;
import org.osgi.service.http.runtime.dto.RequestInfoDTO;
import org.osgi.service.http.runtime.dto.RuntimeDTO;
import org.osgi.service.http.runtime.dto.ServletContextDTO;

/** Section 140.9: what the Whiteboard of its framework says of itself. */
final class RuntimeServices {

    private RuntimeServices() {}

    static void register(Registrar in) {
        in.context("runtime");
        in.servlet(
                "runtime",
                new Says((request, response) -> response.getWriter()
                        .print(answer(in.context(), request.getPathInfo(), request.getParameter("of")))),
                "servlet.pattern",
                "/*",
                "servlet.name",
                "runtime");
    }

    private static String answer(BundleContext context, String what, String of) {
        ServiceReference<HttpServiceRuntime> reference = context.getServiceReference(HttpServiceRuntime.class);
        HttpServiceRuntime runtime = context.getService(reference);
        try {
            RuntimeDTO all = runtime.getRuntimeDTO();
            return switch (what) {
                case "/services" ->
                    ""
                            + context.getServiceReferences(HttpServiceRuntime.class, null)
                                    .size();
                case "/endpoint" -> "" + endpoints(reference).stream().allMatch(one -> one.endsWith("/"));
                case "/changecount" -> "" + (reference.getProperty("service.changecount") != null);
                case "/id" -> "" + (reference.getProperty("osgi.http.service.id") != null);
                case "/default" ->
                    ""
                            + context
                                    .getServiceReferences(
                                            ServletContextHelper.class, "(osgi.http.whiteboard.context.name=default)")
                                    .stream()
                                    .map(one -> one.getProperty("service.scope"))
                                    .toList();
                case "/context" -> describe(context(all, of));
                case "/failed" -> failed(all, List.of(of.split(",")));
                case "/request" -> describe(runtime.calculateRequestInfoDTO(of));
                case "/copies" -> "" + (context(all, of) != context(runtime.getRuntimeDTO(), of));
                case "/capabilities" -> capabilities(reference);
                default -> "nothing";
            };
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalStateException("these are filters", e);
        } finally {
            context.ungetService(reference);
        }
    }

    private static List<String> endpoints(ServiceReference<?> reference) {
        Object value = reference.getProperty("osgi.http.endpoint");
        return value instanceof String[] several
                ? List.of(several)
                : value instanceof java.util.Collection<?> several
                        ? several.stream().map(String::valueOf).toList()
                        : List.of(String.valueOf(value));
    }

    private static ServletContextDTO context(RuntimeDTO all, String name) {
        return Arrays.stream(all.servletContextDTOs)
                .filter(one -> one.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String describe(ServletContextDTO one) {
        return one == null
                ? "none"
                : one.contextPath + " servlets " + one.servletDTOs.length + " resources " + one.resourceDTOs.length
                        + " filters " + one.filterDTOs.length + " pages " + one.errorPageDTOs.length + " listeners "
                        + one.listenerDTOs.length;
    }

    private static String describe(RequestInfoDTO one) {
        return (one.servletDTO == null ? null : one.servletDTO.name) + " "
                + (one.resourceDTO == null ? null : String.join(",", one.resourceDTO.patterns)) + " "
                + Stream.of(one.filterDTOs == null ? new Object[0] : one.filterDTOs)
                        .map(filter -> ((org.osgi.service.http.runtime.dto.FilterDTO) filter).name)
                        .filter(Objects::nonNull)
                        .filter(name -> !name.contains("handoff.servlet"))
                        .sorted()
                        .collect(Collectors.joining(","));
    }

    /** Which of these are not used, and why. */
    private static String failed(RuntimeDTO all, List<String> names) {
        return Stream.concat(
                        Arrays.stream(all.failedServletDTOs).map(one -> one.name + " " + one.failureReason),
                        Arrays.stream(all.failedErrorPageDTOs).map(one -> one.name + " " + one.failureReason))
                .filter(one -> names.stream().anyMatch(name -> one.startsWith(name + " ")))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String capabilities(ServiceReference<?> reference) {
        BundleWiring wiring = reference.getBundle().adapt(BundleWiring.class);
        boolean implementation = wiring.getCapabilities("osgi.implementation").stream()
                .map(BundleCapability::getAttributes)
                .anyMatch(one -> "osgi.http".equals(one.get("osgi.implementation")));
        boolean service = wiring.getCapabilities("osgi.service").stream()
                .map(one -> String.valueOf(one.getAttributes().get("objectClass")))
                .anyMatch(one -> one.contains(HttpServiceRuntime.class.getName()));
        return implementation + " " + service;
    }
}
