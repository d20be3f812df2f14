package org.handoff.worker.pool.internal.plan;

import java.util.OptionalLong;

/**
 * How it stands with one context that somebody wants, or that is still served.
 *
 * @param served whether workers serve it, with the code of {@code serves}
 * @param serves the bundle whose code serves; empty for none
 * @param wanted the bundle whose code is wanted, where that is another one; else empty
 * @param problem why it is not as it is wanted; empty where it is
 * @param retryAt when it is tried again, by {@link System#nanoTime}; empty where that is not known
 */
public record ContextLine(
        Place place, State state, boolean served, String serves, String wanted, String problem, OptionalLong retryAt) {

    /** What goes on with a context. */
    public enum State {

        /** The wanted code serves. */
        SERVING("serving"),
        /** The wanted code is being tried, or about to be. */
        STARTING("starting"),
        /** The wanted code waits for something in Karaf. */
        WAITING("waiting"),
        /** The wanted code was tried, and does not work. */
        FAILED("failed"),
        /** Another bundle has the context. */
        SHADOWED("shadowed"),
        /** Nobody wants it any more: the former code serves for a moment, in case that somebody comes. */
        LEAVING("leaving"),
        /** It names a pool that there is not. */
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

    /** The service that stands for it: one for each place, and one for each bundle that is shadowed there. */
    public record Key(Place place, String shadowed) {}

    public Key key() {
        return new Key(place, state == State.SHADOWED ? wanted : "");
    }
}
