package org.handoff.monitor.api;

import java.util.List;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A receiver of connections: a pool of workers, or the LRWP agent. Registered as a member of a {@link TargetGroup}, with
 * the properties named here.
 *
 * <p>One object may be a member several times, with different contexts: it counts as one target.
 */
@ConsumerType
public interface Target {

    /**
     * The contexts it serves, {@code String} or {@code String[]}; required. Each is a URL path prefix; or an address
     * behind {@link #TCP}, like {@code tcp://0.0.0.0:7000}, whose connections it takes all, of whatever protocol.
     */
    String CONTEXT = "handoff.context";

    /**
     * The beginning of a context that is an address. The monitor reads nothing of such connections: it offers them when
     * they are new, and again when bytes come after they were given back. Where HTTP is answered, they are closed.
     */
    String TCP = "tcp://";

    /** The only host it serves them for, {@code String}; any host if absent or empty. */
    String HOST = "handoff.host";

    /** The name that {@code monitor:contexts} shows, {@code String}. */
    String NAME = "handoff.target";

    /** The problem of this context, for {@code monitor:contexts}, {@code String}; absent for none. */
    String PROBLEM = "handoff.problem";

    /** The state of this context, a word or two for {@code monitor:contexts}, {@code String}. */
    String STATE = "handoff.state";

    /** The time since which it has that state, {@code Long}: milliseconds since 1970. */
    String SINCE = "handoff.since";

    /** The time of the next attempt to solve the problem, {@code Long}: milliseconds since 1970; absent if unknown. */
    String RETRY = "handoff.retry";

    /** The bundle that serves, {@code String}, with its version; absent or empty for none. */
    String SERVES = "handoff.serves";

    /** The bundle that is to serve, {@code String}; absent or empty if that is the one that serves. */
    String WANTED = "handoff.wanted";

    /**
     * Takes a connection with a request, or with the beginning of one, or with nothing read yet. The request may begin
     * in a file ({@link UnusedBytes#spilled}). Called on the monitor's loop; must not block. The target then calls
     * exactly one of {@link Connection#handedOff}, {@link Connection#giveBack}, {@link Connection#giveBackUnchanged},
     * {@link Connection#reroute}, {@link Connection#answer} and {@link Connection#cut}: in this call, or later on the
     * loop, within a bounded time.
     */
    void take(Connection connection);

    /**
     * Whether the target takes unread connections now, if it is the only target. A target that serves one request at a
     * time has better use for a connection with a request. Called on the monitor's loop.
     */
    default boolean takesUnread() {
        return false;
    }

    /**
     * Tells which contexts of other targets lie within those of this one, or are for one host only. A target whose
     * processes keep connections gives back requests for them ({@link Connection#reroute}), which a shorter context of
     * its own would answer otherwise. Called on the monitor's loop, when the table has changed.
     *
     * @param contexts all of them; not modifiable
     */
    default void foreignContexts(List<RoutedContext> contexts) {}
}
