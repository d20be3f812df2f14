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
 * One request on its way to a peer, and the response on its way back. In any case the response ends exactly once, and
 * the request is closed. On the agent's loop only.
 */
public final class PeerRequest implements StreamedResponse.Listener, ExchangeRequest {

    private static final Logger LOG = LoggerFactory.getLogger(PeerRequest.class);

    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
    private static final int MAX_REDIRECTS = 5;
    /** How many peers may leave before they have read the request: the request itself may be the cause. */
    private static final int MAX_LOST = 10;
    /** How long a client that has closed its end counts as waiting for the response. */
    private static final long LEFT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The progress of the response, which only goes forward. */
    private enum Progress {
        /** No peer has begun to answer. */
        AWAITED,
        /** A peer has begun to answer. */
        ANSWERED,
        /** The client has got all, or has gone: further bytes of a peer are dropped. */
        OVER
    }

    private final StreamedRequest request;
    private final StreamedResponse response;
    private final Finder finder;
    private final Application application;
    private final int redirects;
    /** The present exchange with a peer; null while the request waits. */
    private PeerExchange exchange;

    private long waitsUntil;
    private int lost;
    private Progress progress = Progress.AWAITED;
    private String redirect;
    private boolean silent;
    private long silentSince;

    /** @param finder finds the application for a local redirect */
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

    /** The request is not served: the queue is full, or the request has waited too long. */
    void unserved(int status) {
        request.close();
        fail(status);
    }

    /** The request is not served; a new attempt makes sense after this time. */
    void unavailable(int retrySeconds) {
        request.close();
        if (progress != Progress.OVER) {
            progress = Progress.OVER;
            response.unavailable(retrySeconds);
        }
    }

    /** The application's last peer has gone while the request waited. */
    void abandoned() {
        request.close();
        if (response instanceof FallingThrough other) {
            progress = Progress.OVER;
            other.fallThrough();
        } else {
            fail(503);
        }
    }

    private void fail(int status) {
        if (progress != Progress.OVER) {
            progress = Progress.OVER;
            response.fail(status);
        }
    }

    // ---- the peer's end

    @Override
    public void timedOut() {
        LOG.warn(
                "The peer {} of {} has not answered {} {} within peer.timeout: its connection is closed",
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
                && progress == Progress.AWAITED
                && (IDEMPOTENT.contains(request.method()) || exchange.peer().isOnThisMachine());
        if (notBegun && ++lost < MAX_LOST) {
            application.submitAgain(this);
            return;
        }
        request.close();
        if (progress != Progress.OVER) {
            LOG.warn(
                    "The peer {} of {} has left during {} {}, which fails; see the peer's own log",
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
        if (progress == Progress.OVER) {
            return;
        }
        progress = Progress.ANSWERED;
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
                    "A response of {} to {} cannot be sent, and the client gets 502: {}",
                    application.context(),
                    request.path(),
                    e.getMessage());
            fail(502);
        }
    }

    @Override
    public void unusable(MalformedHeadException reason) {
        if (progress != Progress.OVER) {
            LOG.warn(
                    "A response of {} to {} {} cannot be used, and the client gets 502: {}",
                    application.context(),
                    request.method(),
                    request.path(),
                    reason.getMessage());
        }
        fail(502);
    }

    @Override
    public void document(ByteBuf part) {
        if (progress == Progress.OVER || redirect != null) {
            part.release();
        } else if (!response.write(part)) {
            exchange.pause();
        }
    }

    @Override
    public void end() {
        if (progress == Progress.OVER) {
            return;
        }
        if (redirect == null) {
            response.end();
            progress = Progress.OVER;
        } else {
            follow();
        }
    }

    @Override
    public void brokenOff() {
        if (progress != Progress.OVER) {
            LOG.warn(
                    "The peer {} of {} has broken off its response to {} {}; see the peer's own log",
                    exchange.peer(),
                    application.context(),
                    request.method(),
                    request.path());
        }
        fail(502);
    }

    /** Answers what a local redirect asks for instead, as a GET without a body (RFC 3875, section 6.2.2). */
    private void follow() {
        progress = Progress.OVER;
        RedirectedRequest next = RedirectedRequest.of(request, redirect);
        Application to = next == null ? null : finder.find(next.host(), next.path());
        if (to == null && next != null) {
            // The path belongs to another target: the client asks again, and is routed there.
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
        progress = Progress.OVER;
        if (exchange == null) {
            application.forget(this);
            request.close();
        } else {
            exchange.cancel();
            exchange.resume();
        }
    }
}
