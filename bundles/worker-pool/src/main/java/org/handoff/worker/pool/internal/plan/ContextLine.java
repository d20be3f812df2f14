package org.handoff.worker.pool.internal.plan;

import java.util.OptionalLong;

/**
 * The state of one context that is wanted or still served.
 *
 * @param served whether workers serve it, with the code of {@code serves}
 * @param serves the bundle whose code serves; empty for none
 * @param wanted the bundle whose code is wanted, if that is another one; otherwise empty
 * @param problem why it is not as wanted, or what is to be known of it; empty for neither
 * @param retryAt the time of the next attempt, by {@link System#nanoTime}; empty if unknown
 */
public record ContextLine(
        Place place, State state, boolean served, String serves, String wanted, String problem, OptionalLong retryAt) {

    /** The states of a context. */
    public enum State {

        /** The wanted code serves. */
        SERVING("serving"),
        /** The wanted code is being tried, or about to be. */
        STARTING("starting"),
        /** The wanted code waits for a requirement in Karaf. */
        WAITING("waiting"),
        /** The wanted code was tried, and does not work. */
        FAILED("failed"),
        /** Another bundle has the context. */
        SHADOWED("shadowed"),
        /** No handler wants it any more: it stays for a moment, served if it was, in case another handler comes. */
        LEAVING("leaving"),
        /** Its handler names a pool that does not exist. */
        WRONG_POOL("wrong pool");

        private final String words;

        State(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** A context whose wanted code neither serves nor is on its way. */
    public static ContextLine failed(Place place, String wanted, String problem) {
        return unserved(place, State.FAILED, wanted, problem);
    }

    /** A context that nothing serves, and whose next attempt has no known time. */
    public static ContextLine unserved(Place place, State state, String wanted, String problem) {
        return new ContextLine(place, state, false, "", wanted, problem, OptionalLong.empty());
    }

    /**
     * Whether it is still in the same state: of the same bundles, and waiting for the same. The reason of a failure may
     * be another one at each attempt.
     */
    public boolean isInStateOf(ContextLine former) {
        return state == former.state
                && serves.equals(former.serves)
                && wanted.equals(former.wanted)
                && (state != State.WAITING || problem.equals(former.problem));
    }

    /** The identity of its service: one for each place, and one for each bundle that is shadowed there. */
    public record Key(Place place, String shadowed) {}

    public Key key() {
        return new Key(place, state == State.SHADOWED ? wanted : "");
    }
}
