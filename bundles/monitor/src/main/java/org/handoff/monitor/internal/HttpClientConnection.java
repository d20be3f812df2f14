package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection for HTTP: each request that comes to the monitor is routed by its head. On the event loop only. */
final class HttpClientConnection extends ClientConnection implements NextRequest.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(HttpClientConnection.class);

    /** How long a client may take for the answer that ends its connection. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final NextRequest request;

    HttpClientConnection(long id, int descriptor, Connections all) {
        super(id, descriptor, all);
        this.request = new NextRequest(id, socket, all, received, this);
    }

    @Override
    void begin() {
        become(ConnectionState.WAITING, all.headDeadline());
        if (!request.isOfferedUnread()) {
            socket.awaitBytes();
        }
    }

    @Override
    void refuse() {
        answer(503, 1);
    }

    @Override
    boolean isUnfinished() {
        return isWaiting() && !received.isEmpty();
    }

    @Override
    void readable() throws IOException {
        request.read();
    }

    @Override
    public void begun() {
        become(ConnectionState.WAITING, all.headDeadline());
    }

    /** Ends the connection, with an answer if there is a part of a request. */
    @Override
    void timeIsUp() {
        if (isUnfinished()) {
            answer(408);
        } else {
            cut();
        }
    }

    @Override
    void released() {
        // There is nothing else to let go.
    }

    @Override
    void replace(UnusedBytes unused) {
        request.replace(unused);
    }

    @Override
    void goOn() {
        become(ConnectionState.WAITING, received.isEmpty() ? all.idleDeadline() : all.headDeadline());
        request.route();
    }

    @Override
    public RoutedContext context() {
        return request.context();
    }

    @Override
    public void giveBackUnchanged() {
        giveBack(unused());
    }

    @Override
    public void reroute(UnusedBytes unused) {
        if (isTakenBack(unused)) {
            takeOver();
            request.replaceForeign(unused, target());
            goOn();
        }
    }

    @Override
    public void answer(int status) {
        answer(status, 1);
    }

    @Override
    public void unavailable(int retryAfterSeconds) {
        answer(503, retryAfterSeconds);
    }

    private void answer(int status, int retryAfter) {
        if (state() == ConnectionState.CLOSED || state() == ConnectionState.LINGERING) {
            return;
        }
        if (state() == ConnectionState.OFFERED && received.isEmpty()) {
            // There is no request yet: an unexpected answer would surprise the client, and its request may be for
            // another target.
            request.readFirst();
            become(ConnectionState.WAITING, all.headDeadline());
            socket.awaitBytes();
            return;
        }
        all.countAnswered();
        forgetHolder();
        boolean isKnown = !isHeld();
        boolean goesOn = isKnown && request.canGoOn();
        int length = request.writeAnswer(all.buffer, status, retryAfter, isKnown, goesOn);
        try {
            if (socket.send(all.buffer, length) < length) {
                // The socket is full: the client does not read the former response, and will not read this one.
                end();
            } else if (goesOn) {
                request.skip();
                goOn();
            } else {
                finish();
            }
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("{} is gone before its answer", this, e);
            end();
        }
    }

    /**
     * Closing while unread bytes are in the socket makes the kernel send a reset, which can destroy the answer on its
     * way. So the monitor says that it sends no more, and reads until the client closes.
     */
    @Override
    void finish() throws IOException {
        become(ConnectionState.LINGERING, System.nanoTime() + LINGER_NANOS);
        received.clear();
        socket.endOutput();
        socket.awaitBytes();
    }
}
