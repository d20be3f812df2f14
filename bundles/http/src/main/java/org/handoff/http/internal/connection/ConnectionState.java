package org.handoff.http.internal.connection;

import org.handoff.http.HttpConnection;

/**
 * The progress of one connection: its phase, of which the owner is told, the request that is being answered, and
 * whether the client has closed its end. On the event loop only.
 */
final class ConnectionState {

    private final HttpConnection.Owner owner;
    private ConnectionPhase phase = ConnectionPhase.NEW;
    /** The last state told to the owner. */
    private HttpConnection.State told = HttpConnection.State.IDLE;
    /** The complete request, as long as it is of use; else null. */
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

    /** Takes back a request whose handler was not called. @return whether there was one */
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

    /** Called for a handler that has just begun, too. */
    void tellInputEnded() {
        if (inputEnded && exchange != null) {
            exchange.inputEnded();
        }
    }
}
