package org.handoff.monitor.internal;

import java.io.IOException;

import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of any protocol, from a listener of one target: the monitor reads nothing of it. It is offered when it
 * is new, and whenever bytes come while no process holds it. Where HTTP is answered, it ends. On the event loop only.
 */
final class TcpClientConnection extends ClientConnection {

    private static final Logger LOG = LoggerFactory.getLogger(TcpClientConnection.class);

    private final TcpPort port;

    TcpClientConnection(long id, int descriptor, Connections all, TcpPort port) {
        super(id, descriptor, all);
        this.port = port;
        port.opened();
    }

    @Override
    void released() {
        port.closed();
    }

    @Override
    void begin() {
        offerNow();
    }

    @Override
    void refuse() {
        end();
    }

    @Override
    boolean isUnfinished() {
        return false;
    }

    /** The client's end needs no process. */
    @Override
    void readable() throws IOException {
        if (socket.available() == 0) {
            end();
        } else {
            offerNow();
        }
    }

    private void offerNow() {
        Target target = port.target();
        if (target == null) {
            endUnserved();
        } else {
            offer(target);
        }
    }

    @Override
    void timeIsUp() {
        cut();
    }

    @Override
    void replace(UnusedBytes unused) {
        received.replace(unused);
    }

    /** Bytes that were read and not used are offered at once, if all of them are there; for others the connection waits. */
    @Override
    void goOn() {
        become(ConnectionState.WAITING, all.idleDeadline());
        if (received.isUnreadable()) {
            LOG.error("{} ends: bytes of its client are in a file that cannot be read", this);
            endUnserved();
        } else if (received.isEmpty()) {
            socket.awaitBytes();
        } else {
            offerNow();
        }
    }

    @Override
    public void giveBackUnchanged() {
        if (isTakenBack(unused())) {
            takeOver();
            become(ConnectionState.WAITING, all.idleDeadline());
            offerNow();
        }
    }

    /** The port has one target only. */
    @Override
    public void reroute(UnusedBytes unused) {
        if (isTakenBack(unused)) {
            unused.close();
            endUnserved();
        }
    }

    @Override
    public void answer(int status) {
        if (isOpen()) {
            endUnserved();
        }
    }

    @Override
    public void unavailable(int retryAfterSeconds) {
        answer(503);
    }

    private void endUnserved() {
        port.countEnded();
        forgetHolder();
        end();
    }

    @Override
    void finish() {
        end();
    }
}
