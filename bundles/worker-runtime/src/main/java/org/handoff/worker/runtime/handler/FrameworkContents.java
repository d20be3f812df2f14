package org.handoff.worker.runtime.handler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import org.handoff.worker.protocol.Inspect;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;

/** What the framework contains at this moment, as rows for {@code worker:bundles} and its like. Thread-safe. */
public final class FrameworkContents {

    private final HandlerFramework framework;

    public FrameworkContents(HandlerFramework framework) {
        this.framework = framework;
    }

    /** The rows of a table. */
    public List<List<String>> of(Inspect.Subject subject) {
        return switch (subject) {
            case BUNDLES -> bundles();
            case COMPONENTS -> new Components(framework.context()).all();
            case SERVICES -> services();
        };
    }

    private List<List<String>> bundles() {
        return Arrays.stream(framework.context().getBundles())
                .map(bundle -> List.of(
                        Long.toString(bundle.getBundleId()),
                        state(bundle),
                        name(bundle),
                        bundle.getVersion().toString(),
                        framework.failure(bundle).orElse("")))
                .toList();
    }

    private static String state(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) != 0) {
            return "Fragment";
        }
        return switch (bundle.getState()) {
            case Bundle.INSTALLED -> "Installed";
            case Bundle.RESOLVED -> "Resolved";
            case Bundle.STARTING -> "Starting";
            case Bundle.ACTIVE -> "Active";
            case Bundle.STOPPING -> "Stopping";
            default -> "Uninstalled";
        };
    }

    private List<List<String>> services() {
        ServiceReference<?>[] references;
        try {
            references = framework.context().getAllServiceReferences(null, null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a valid filter", e);
        }
        List<List<String>> rows = new ArrayList<>();
        for (ServiceReference<?> reference : Objects.requireNonNullElse(references, new ServiceReference<?>[0])) {
            Bundle provider = reference.getBundle();
            if (provider != null) {
                rows.add(List.of(
                        String.join(", ", (String[]) reference.getProperty(Constants.OBJECTCLASS)),
                        name(provider),
                        users(reference)));
            }
        }
        return rows;
    }

    private static String users(ServiceReference<?> reference) {
        Bundle[] users = Objects.requireNonNullElse(reference.getUsingBundles(), new Bundle[0]);
        return Arrays.stream(users).map(FrameworkContents::name).sorted().collect(Collectors.joining(", "));
    }

    /** Its symbolic name; its location if it has none. */
    private static String name(Bundle bundle) {
        return Objects.requireNonNullElse(bundle.getSymbolicName(), bundle.getLocation());
    }
}
