package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.handoff.http.message.ErrorPage;
import org.handoff.http.message.HeadReader;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next request of a connection: reads its head, finds the target that has its context, and writes an answer in
 * place of that target's. On the event loop only.
 */
final class NextRequest {

    private static final Logger LOG = LoggerFactory.getLogger(NextRequest.class);

    /** The connection of the request. */
    interface Owner {

        /** Whether the connection waits for a request: no longer after it was offered or answered, or has ended. */
        boolean isWaiting();

        /** The first bytes of a request have come. */
        void begun();

        /** The target is asked to take the connection. */
        void offer(Target target);

        /** The request is answered by the monitor. */
        void answer(int status);

        /** The client has ended the connection. */
        void end();
    }

    private final long id;
    private final ClientSocket socket;
    private final Connections all;
    private final ReceivedBytes received;
    private final Owner owner;
    private HeadReader.Head head;
    /** The context of the request that was offered last; null if it was not read. */
    private RoutedContext context;
    /** The target that has given this very request back as foreign, so that it is not offered it again; or null. */
    private Target refusedBy;
    /** Whether the connection was refused unread: its request is read, and gets its answer then. */
    private boolean readFirst;

    private boolean routing;

    /** @param id the connection's, for messages */
    NextRequest(long id, ClientSocket socket, Connections all, ReceivedBytes received, Owner owner) {
        this.id = id;
        this.socket = socket;
        this.all = all;
        this.received = received;
        this.owner = owner;
    }

    /** Offers an unread connection, if one target takes all of them. */
    boolean isOfferedUnread() {
        Target sole = all.routes.sole();
        boolean offered = sole != null && received.isEmpty() && !readFirst && sole.takesUnread();
        if (offered) {
            context = null;
            owner.offer(sole);
        }
        return offered;
    }

    /** Reads the received bytes, and routes the request. */
    void read() throws IOException {
        all.makeRoom();
        if (!owner.isWaiting() || isOfferedUnread()) {
            return;
        }
        int bytes = socket.receive(all.buffer);
        if (bytes < 0) {
            owner.end();
            return;
        }
        if (received.isEmpty()) {
            owner.begun();
        }
        received.read(all.buffer.position(0).limit(bytes));
        all.buffer.clear();
        route();
    }

    /**
     * Routes the requests that were read, one after another, until the connection is given away or more has to be read.
     */
    void route() {
        if (routing) {
            // A target gave the connection back while it was being offered: the loop below goes on with it.
            return;
        }
        routing = true;
        try {
            while (owner.isWaiting() && !received.isEmpty() && routeNext()) {
                // Each turn either used a whole request or gave the connection away.
            }
        } finally {
            routing = false;
        }
        if (owner.isWaiting()) {
            socket.awaitBytes();
        }
    }

    /** @return false if the head is not complete */
    private boolean routeNext() {
        try {
            head = received.head();
        } catch (MalformedRequestException e) {
            LOG.debug("connection {}: {}", id, e.getMessage());
            owner.answer(e.status());
            return true;
        } catch (IOException e) {
            LOG.error("Connection {} is answered 502: its request is in a file that cannot be read", id, e);
            owner.answer(502);
            return true;
        }
        if (head == null) {
            if (!received.isFull()) {
                return false;
            }
            owner.answer(431);
            return true;
        }
        Routes.Route found = all.routes.find(head.target().host(), head.target().path());
        if (found == null || found.target() == refusedBy) {
            owner.answer(404);
        } else {
            context = new RoutedContext(found.context(), found.host());
            owner.offer(found.target());
        }
        return true;
    }

    /** As {@link Connection#context}. */
    RoutedContext context() {
        return context;
    }

    /** The connection was refused unread: it is read before it is offered again, or answered. */
    void readFirst() {
        readFirst = true;
    }

    /** Continues with another request. @param unused its bytes; closed here in the end */
    void replace(UnusedBytes unused) {
        forget();
        received.replace(unused);
    }

    /** The same, with a request that is foreign to the target that was offered the connection. */
    void replaceForeign(UnusedBytes unused, Target target) {
        // The very request that the target was offered comes back: by the table it would go to that target again. Any
        // other request may be routed there: the target was given the connection before its request was known.
        Target by = received.beginAs(unused) ? target : null;
        replace(unused);
        refusedBy = by;
    }

    /** The request was answered here, and the one after it is next. */
    void skip() {
        received.skip(head.length());
        forget();
    }

    private void forget() {
        head = null;
        refusedBy = null;
        readFirst = false;
    }

    /** Whether the connection can go on after an answer from here: all of the request has been read. */
    boolean canGoOn() {
        return head != null && head.complete() && head.keepAlive() && !received.isSpilled();
    }

    /**
     * Writes an answer to the request into a buffer.
     *
     * @param isKnown false if another process may have answered several requests since these bytes were read
     * @return the number of bytes
     */
    int writeAnswer(ByteBuffer buffer, int status, int retryAfter, boolean isKnown, boolean goesOn) {
        // In the loop's buffer: a direct one for each answer would be memory that only a collection of garbage frees.
        ByteBuf out = Unpooled.wrappedBuffer(buffer.clear()).clear();
        ErrorPage.write(
                out,
                status,
                status == 503 ? retryAfter : 0,
                content(isKnown),
                goesOn,
                head == null || head.newerThan10());
        return out.writerIndex();
    }

    private ErrorPage.Content content(boolean isKnown) {
        if (!isKnown || !received.isHeadBegun()) {
            return ErrorPage.Content.EMPTY;
        }
        return received.isHead() ? ErrorPage.Content.HEAD_ONLY : ErrorPage.Content.PAGE;
    }
}
