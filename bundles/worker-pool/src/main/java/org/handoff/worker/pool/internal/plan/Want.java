package org.handoff.worker.pool.internal.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.handoff.worker.pool.internal.config.FilesSettings;
import org.handoff.worker.pool.internal.config.NativeSettings;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;

/**
 * The claim of one handler of a deployed bundle, whether or not it can be served now.
 *
 * @param bundle the symbolic name of its bundle
 * @param version its bundle's
 * @param id its bundle's number in this framework: greater is newer; -1 for a program or files
 * @param component the name of its component, or null
 * @param host the only host, in lower case; empty for any
 * @param contexts one at least
 * @param code the code for workers; null while the framework does not have it ready
 * @param remark the missing requirements while there is no code; with code, what it finds in a worker otherwise than in
 *     Karaf; empty for nothing
 * @param label the name, version and number of its bundle, or of several, for people
 */
public record Want(
        String bundle,
        Version version,
        long id,
        String component,
        String host,
        List<String> contexts,
        Code code,
        String remark,
        String label) {

    private static final long NO_BUNDLE = -1;

    /** Of one bundle, or of a program or files. */
    public Want(
            String bundle,
            Version version,
            long id,
            String component,
            String host,
            List<String> contexts,
            Code code,
            String remark) {
        this(
                bundle,
                version,
                id,
                component,
                host,
                contexts,
                code,
                remark,
                id == NO_BUNDLE ? code.label() : bundle + " " + version + " [" + id + "]");
    }

    /** The claims of a pool of programs, one for each of its hosts. */
    public static List<Want> of(String pool, NativeSettings program) {
        return of(pool, Code.of(pool, program), program.contexts());
    }

    /** The claims of a pool's files, one for each of their hosts. */
    public static List<Want> of(String pool, FilesSettings files) {
        return of(pool, Code.of(pool, files.folder()), files.contexts());
    }

    private static List<Want> of(String pool, Code code, Map<String, List<String>> byHost) {
        List<Want> wants = new ArrayList<>();
        byHost.forEach((host, contexts) -> wants.add(
                new Want(pool, Version.emptyVersion, NO_BUNDLE, null, host, List.copyOf(contexts), code, "")));
        return wants;
    }

    public boolean isReady() {
        return code != null;
    }

    public static String label(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion() + " [" + bundle.getBundleId() + "]";
    }

    /** The handler's name for messages. */
    public String describe() {
        return id == NO_BUNDLE
                ? code.description()
                : (component == null ? "a handler" : component) + " of bundle " + label;
    }

    public List<Place> places() {
        return contexts.stream().map(context -> new Place(host, context)).toList();
    }
}
