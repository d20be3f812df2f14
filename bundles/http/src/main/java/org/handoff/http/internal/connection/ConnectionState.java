package org.handoff.http.internal.connection;

import org.handoff.http.HttpConnection;

/**
 * How far one connection is: its phase, of which its owner is told, the request that is being answered, and whether its
 * client has closed its end. On the event loop only.
 */
final class ConnectionState {

    private final HttpConnection.Owner owner;
    private ConnectionPhase phase = ConnectionPhase.NEW;
    /** What the owner was told last. */
    private HttpConnection.State told = HttpConnection.State.IDLE;
    /** The request that is complete, for as long as it is of use; else null. */
    private Exchange exchange;

    private boolean inputEnded;

    ConnectionState(HttpConnection.Owner owner) {
        this.owner = owner;
    }

    ConnectionPhase phase() {
        return phase;
    }

    boolean is(ConnectionPhase one) {
        return phase == one;
    }

    boolean isGone() {
        return phase == ConnectionPhase.GONE;
    }

    /** Whether the next request is awaited, or is arriving. */
    boolean isReading() {
        return phase.isReading();
    }

    void move(ConnectionPhase next) {
        if (!phase.mayBecome(next)) {
            throw new IllegalStateException("A connection that is " + phase + " does not become " + next);
        }
        phase = next;
        HttpConnection.State state = next.told();
        if (state != null && state != told) {
            told = state;
            owner.state(state);
        }
    }

    /** A request is complete, and is to be handled. */
    void handle(Exchange next) {
        exchange = next;
        move(ConnectionPhase.HANDLING);
    }

    /** Null for none. */
    Exchange exchange() {
        return exchange;
    }

    void forgetExchange() {
        exchange = null;
    }

    /** Whether there was an exchange that no handler was called for: it is taken back then. */
    boolean cancelExchange() {
        return exchange != null && exchange.cancel();
    }

    boolean hasInputEnded() {
        return inputEnded;
    }

    void inputEnded() {
        inputEnded = true;
        tellInputEnded();
    }

    /** Tells a handler that has just begun, too. */
    void tellInputEnded() {
        if (inputEnded && exchange != null) {
            exchange.inputEnded();
        }
    }
}
