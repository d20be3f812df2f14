package org.handoff.monitor.api;

import java.util.List;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Whatever takes connections: a pool of workers, an LRWP application. Registered as an OSGi service with the properties
 * named here; the route exists as long as the service does.
 *
 * <p>One object may be registered several times, with different contexts: it counts as one target.
 */
@ConsumerType
public interface Target {

    /** The URL path prefixes it serves, {@code String} or {@code String[]}; required. */
    String CONTEXT = "handoff.context";

    /** The only host it serves them for, {@code String}; any host where it is absent or empty. */
    String HOST = "handoff.host";

    /** The name that {@code monitor:contexts} shows, {@code String}. */
    String NAME = "handoff.target";

    /** What is wrong with this context, for {@code monitor:contexts}, {@code String}; absent where nothing is. */
    String PROBLEM = "handoff.problem";

    /** What goes on with this context, in a word or two, for {@code monitor:contexts}, {@code String}. */
    String STATE = "handoff.state";

    /** Since when that goes on, {@code Long}: milliseconds since 1970. */
    String SINCE = "handoff.since";

    /** When it is tried to mend the problem, {@code Long}: milliseconds since 1970; absent where nobody knows. */
    String RETRY = "handoff.retry";

    /** Whose code serves, {@code String}: a bundle with its version; absent or empty for nobody's. */
    String SERVES = "handoff.serves";

    /** Whose code is to serve, {@code String}; absent or empty where that is what serves. */
    String WANTED = "handoff.wanted";

    /**
     * Takes a connection with a request, or with the beginning of one, or with nothing read yet. The request may begin
     * in a file ({@link UnusedBytes#spilled}). Called on the monitor's loop; must not block. The target then calls
     * exactly one of {@link Connection#handedOff}, {@link Connection#giveBack}, {@link Connection#reroute},
     * {@link Connection#answer} and {@link Connection#cut}: in this call, or later on the loop, within a bounded time.
     */
    void take(Connection connection);

    /**
     * Whether it takes connections now of which nothing was read, where it is the only target. Whoever serves one
     * request at a time has better use for a connection that has one. Called on the monitor's loop.
     */
    default boolean takesUnread() {
        return false;
    }

    /**
     * Tells which contexts of other targets lie within those of this one, or are for one host only. A target whose
     * processes keep connections gives back requests for them ({@link Connection#reroute}), which would else be
     * answered by a shorter context of its own. Called on the monitor's loop, when the table has changed.
     *
     * @param contexts all of them; not modifiable
     */
    default void foreignContexts(List<RoutedContext> contexts) {}
}
