package org.handoff.worker.pool.internal.deploy;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.deploy.Deployed.Seen;
import org.osgi.framework.Bundle;

/**
 * Lately uninstalled bundles with handlers. Karaf uninstalls a bundle before it looks at the file in its place; where it
 * does not install that, the handlers are still wanted.
 */
final class GoneBundles<D extends Declaration<D>> {

    /**
     * @param newest the id of the newest bundle there was beside it
     * @param since the time at which it was uninstalled, or last found to be replaced
     * @param problem the fault of what replaces it; empty where nothing does, or what Karaf installs
     */
    private record Gone<D>(Seen<D> last, long newest, long since, String problem) {

        /** Whether that bundle has come in its place. */
        private boolean isReplacedBy(Bundle other) {
            return other.getBundleId() > newest
                    && other.getSymbolicName().equals(last.bundle().getSymbolicName());
        }
    }

    /**
     * How long what has gone may come back in a form that is not installed. Karaf unpacks an archive only when it has
     * uninstalled the former one, which takes seconds on a busy machine.
     */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Replacement replacement;
    /** By bundle id. */
    private final Map<Long, Gone<D>> gone = new TreeMap<>();

    GoneBundles(Replacement replacement) {
        this.replacement = replacement;
    }

    boolean isEmpty() {
        return gone.isEmpty();
    }

    /** A bundle is not seen any more. @param newest the id of the newest bundle when it was seen last */
    void add(Seen<D> one, long newest) {
        if (one.bundle().getState() == Bundle.UNINSTALLED && !one.declared().isEmpty()) {
            gone.put(one.bundle().getBundleId(), new Gone<>(one, newest, System.nanoTime(), ""));
        }
    }

    /**
     * The handlers of those bundles that Karaf replaces by what it does not install.
     *
     * @param present the bundles that are there
     */
    List<D> handlers(Collection<Seen<D>> present) {
        List<Bundle> all = Stream.concat(
                        present.stream(), gone.values().stream().map(Gone::last))
                .<Bundle>map(Seen::bundle)
                .toList();
        gone.values().removeIf(one -> all.stream().anyMatch(one::isReplacedBy));
        forget();
        long now = System.nanoTime();
        gone.replaceAll((id, one) -> {
            String problem = problem(one);
            return new Gone<>(one.last(), one.newest(), problem.isEmpty() ? one.since() : now, problem);
        });
        return gone.values().stream()
                .filter(one -> !one.problem().isEmpty())
                .flatMap(one -> one.last().declared().stream().map(handler -> handler.waitingFor(one.problem())))
                .toList();
    }

    /** Whether {@link #handlers} would find other files in the places of these bundles. */
    boolean haveOtherReplacements() {
        forget();
        return gone.values().stream().anyMatch(one -> !one.problem().equals(problem(one)));
    }

    private String problem(Gone<D> one) {
        return replacement.problem(one.last().bundle(), one.last().modified());
    }

    /** Forgets bundles that nothing has replaced for so long. */
    private void forget() {
        long now = System.nanoTime();
        gone.values().removeIf(one -> one.problem().isEmpty() && now - one.since() > PATIENCE_NANOS);
    }
}
