package org.handoff.lrwp.agent.internal.application;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import org.handoff.http.StreamedRequest;
import org.handoff.http.StreamedResponse;
import org.handoff.lrwp.agent.api.FallingThrough;
import org.handoff.lrwp.agent.internal.peer.ExchangeRequest;
import org.handoff.lrwp.agent.internal.peer.PeerExchange;
import org.handoff.lrwp.protocol.CgiHead;
import org.handoff.lrwp.protocol.MalformedHeadException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way to a peer, and the response on its way back. Whatever happens, the response ends exactly once,
 * and the request is closed. On the agent's loop only.
 */
public final class PeerRequest implements StreamedResponse.Listener, ExchangeRequest {

    private static final Logger LOG = LoggerFactory.getLogger(PeerRequest.class);

    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
    private static final int MAX_REDIRECTS = 5;
    /** How many peers may leave before they have read it: with so many it is the request that makes them. */
    private static final int MAX_LOST = 10;
    /** So long a client that has closed its end may wait for a program of ours. */
    private static final long LEFT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StreamedRequest request;
    private final StreamedResponse response;
    private final Finder finder;
    private final Application application;
    private final int redirects;
    /** Whoever answers it now; null while it waits. */
    private PeerExchange exchange;

    private long waitsUntil;
    private int lost;
    /** The client has gone, or has got an error: what the peer still says is dropped. */
    private boolean dropping;

    private boolean answered;
    private String redirect;
    private boolean silent;
    private long silentSince;

    /** @param finder whom a local redirect leads to */
    public PeerRequest(StreamedRequest request, StreamedResponse response, Finder finder, Application application) {
        this(request, response, finder, application, 0);
    }

    private PeerRequest(
            StreamedRequest request, StreamedResponse response, Finder finder, Application application, int redirects) {
        this.request = request;
        this.response = response;
        this.finder = finder;
        this.application = application;
        this.redirects = redirects;
        response.listener(this);
    }

    @Override
    public StreamedRequest request() {
        return request;
    }

    @Override
    public byte[] environment() {
        return CgiVariables.of(request, application, application.documentRoot());
    }

    void waitUntil(long nanos) {
        exchange = null;
        waitsUntil = nanos;
    }

    long waitsUntil() {
        return waitsUntil;
    }

    @Override
    public void takenBy(PeerExchange taker) {
        exchange = taker;
    }

    /** Nobody serves it: the queue is full, or it has waited too long. */
    void unserved(int status) {
        request.close();
        fail(status);
    }

    /** Nobody serves it, nor will before so many seconds. */
    void unavailable(int retrySeconds) {
        request.close();
        if (!dropping) {
            dropping = true;
            response.unavailable(retrySeconds);
        }
    }

    /** The application's last peer has gone while the request waited. */
    void abandoned() {
        request.close();
        if (response instanceof FallingThrough other) {
            dropping = true;
            other.fallThrough();
        } else {
            fail(503);
        }
    }

    private void fail(int status) {
        if (!dropping) {
            dropping = true;
            response.fail(status);
        }
    }

    // ---- what becomes of the peer

    @Override
    public void timedOut() {
        LOG.warn(
                "The peer {} of {} has not answered {} {} in time (peer.timeout)",
                exchange.peer(),
                application.context(),
                request.method(),
                request.path());
        request.close();
        fail(504);
    }

    @Override
    public void peerLost(boolean unread) {
        boolean notBegun = unread
                && !answered
                && (IDEMPOTENT.contains(request.method()) || exchange.peer().isOnThisMachine());
        if (notBegun && !dropping && ++lost < MAX_LOST) {
            application.submitAgain(this);
            return;
        }
        request.close();
        if (!dropping) {
            LOG.warn(
                    "The peer {} of {} has left during {} {}",
                    exchange.peer(),
                    application.context(),
                    request.method(),
                    request.path());
        }
        fail(502);
    }

    @Override
    public void peerFailed(int status) {
        request.close();
        fail(status);
    }

    @Override
    public void done() {
        request.close();
    }

    // ---- the response

    @Override
    public void head(CgiHead head, long length) {
        answered = true;
        if (dropping) {
            return;
        }
        if (head.localRedirect() != null) {
            redirect = head.localRedirect();
            return;
        }
        try {
            boolean announced = head.announcedLength() >= 0
                    && (length < 0 || length == 0 && request.method().equals("HEAD"));
            response.begin(head.status(), head.reason(), head.fields(), announced ? head.announcedLength() : length);
        } catch (IllegalArgumentException e) {
            LOG.warn(
                    "A response of {} to {} cannot be sent: {}", application.context(), request.path(), e.getMessage());
            fail(502);
        }
    }

    @Override
    public void unusable(MalformedHeadException reason) {
        answered = true;
        if (!dropping) {
            LOG.warn(
                    "A response of {} to {} {} cannot be used: {}",
                    application.context(),
                    request.method(),
                    request.path(),
                    reason.getMessage());
        }
        fail(502);
    }

    @Override
    public void document(ByteBuf part) {
        if (dropping || redirect != null) {
            part.release();
        } else if (!response.write(part)) {
            exchange.pause();
        }
    }

    @Override
    public void end() {
        if (dropping) {
            return;
        }
        if (redirect == null) {
            response.end();
            dropping = true;
        } else {
            follow();
        }
    }

    @Override
    public void brokenOff() {
        if (!dropping) {
            LOG.warn(
                    "The peer {} of {} has broken off its answer to {} {}",
                    exchange.peer(),
                    application.context(),
                    request.method(),
                    request.path());
        }
        fail(502);
    }

    /** Answers what a local redirect asks for instead, as a GET without a body (RFC 3875, section 6.2.2). */
    private void follow() {
        dropping = true;
        RedirectedRequest next = RedirectedRequest.of(request, redirect);
        Application to = next == null ? null : finder.find(next.host(), next.path());
        if (to == null && next != null) {
            // Somebody else's: the client asks again, and comes to them.
            response.begin(302, "", List.of(Map.entry("Location", redirect)), 0);
            response.end();
        } else if (to == null || redirects == MAX_REDIRECTS) {
            LOG.warn(
                    "The local redirect of {} to {} is {}",
                    application.context(),
                    redirect,
                    next == null ? "not a path" : "one too many");
            response.fail(502);
        } else {
            to.submit(new PeerRequest(next, response, finder, to, redirects + 1));
        }
    }

    // ---- the client

    @Override
    public void room() {
        if (exchange != null) {
            exchange.resume();
        }
    }

    @Override
    public void inputEnded() {
        silentSince = System.nanoTime();
        silent = true;
    }

    @Override
    public boolean isLeft(long now) {
        return silent && now - silentSince >= LEFT_NANOS;
    }

    @Override
    public void gone() {
        dropping = true;
        if (exchange == null) {
            application.forget(this);
            request.close();
        } else {
            exchange.cancel();
            exchange.resume();
        }
    }
}
