package org.handoff.servlet.internal.async;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import org.handoff.servlet.internal.request.AsyncAccess;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.request.Target;
import org.handoff.servlet.internal.response.HandlerSink;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.worker.api.AsyncResponse;
import org.handoff.worker.api.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The course of one request through its servlets: once, or again and again if one of them begins asynchronously. The
 * first time on the handlers' thread, later on threads of {@link AsyncThreads}.
 */
public final class AsyncAnswer implements AsyncAccess {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncAnswer.class);

    /** Longer than the server's own limit. */
    private static final Duration UNLIMITED = Duration.ofDays(1);

    private static final int UNAVAILABLE = 503;
    private static final int FAILED = 500;

    private enum State {
        /** A servlet is to answer, or has. */
        SYNCHRONOUS,
        /** A servlet has begun to answer later. */
        STARTED,
        /** The request is to go to a servlet again. */
        DISPATCHED,
        /** The answer is complete. */
        COMPLETED
    }

    /** Lets the Whiteboard answer. */
    @FunctionalInterface
    public interface Service {
        void to(ServletRequestFacade request, ServletResponseFacade response) throws ServletException, IOException;
    }

    private final AsyncThreads threads;
    private final Service service;
    private final Runnable saveSession;
    private final AsyncListeners listeners = new AsyncListeners();
    private ServletRequestFacade request;
    private ServletResponseFacade response;
    private State state = State.SYNCHRONOUS;
    /** Whether a servlet has the request now. */
    private boolean running;
    /** Whether the response has ended without this. */
    private volatile boolean gone;

    private AsyncResponse later;
    private AsyncContextFacade context;
    private Target again;
    private Future<?> timer;

    /** @param saveSession done before the client sees the end of the response */
    public AsyncAnswer(AsyncThreads threads, Service service, Runnable saveSession) {
        this.threads = threads;
        this.service = service;
        this.saveSession = saveSession;
    }

    // ---- on the handlers' thread

    /**
     * Answers, or begins to.
     *
     * @throws Exception as a handler does
     */
    public void answer(ServletRequestFacade received, ServletResponseFacade answered, Response handlers)
            throws Exception {
        request = received;
        response = answered;
        if (run(handlers)) {
            return;
        }
        if (context != null) {
            response.releaseTo(new HandlerSink(handlers));
        }
        finish();
    }

    /**
     * Lets servlets answer until none is to any more.
     *
     * @param handlers the response from which a later one is made; null if there is one
     * @return whether a servlet answers later
     */
    private boolean run(Response handlers) throws ServletException, IOException {
        boolean ended = false;
        try {
            while (true) {
                synchronized (this) {
                    running = true;
                    if (state == State.DISPATCHED) {
                        request.dispatch(again);
                    }
                    state = State.SYNCHRONOUS;
                }
                service.to(request, response);
                synchronized (this) {
                    if (state != State.DISPATCHED) {
                        running = false;
                        ended = true;
                        if (state == State.STARTED) {
                            goOnLater(handlers);
                            return true;
                        }
                        state = State.COMPLETED;
                        return false;
                    }
                }
            }
        } finally {
            if (!ended) {
                synchronized (this) {
                    running = false;
                    state = State.COMPLETED;
                }
            }
        }
    }

    private void goOnLater(Response handlers) throws IOException {
        if (later == null) {
            later = handlers.async(UNLIMITED, UNAVAILABLE);
            response.releaseTo(new LaterSink(later));
            later.onEnd(this::ended);
        }
        limit();
    }

    private void finish() throws IOException {
        try {
            saveSession.run();
            if (!gone) {
                response.finish();
            }
        } finally {
            request.close();
            listeners.complete(context, request, response);
        }
    }

    // ---- for servlets

    @Override
    public synchronized AsyncContext start(ServletRequest of, ServletResponse to, boolean original) {
        if (!running || state != State.SYNCHRONOUS) {
            throw new IllegalStateException("the request has begun asynchronously already, or has ended");
        }
        if (later == null) {
            if (response.isCommitted()) {
                throw new IllegalStateException(
                        "a part of the response was sent already: begin asynchronously before the first flush");
            }
            try {
                request.keep();
            } catch (IOException e) {
                throw new IllegalStateException("the request's body cannot be kept", e);
            }
            response.hold();
        }
        state = State.STARTED;
        AsyncContextFacade begun =
                new AsyncContextFacade(this, original ? request : of, original ? response : to, original);
        listeners.restarted(begun);
        context = begun;
        return begun;
    }

    @Override
    public synchronized boolean isStarted() {
        return state == State.STARTED || running && state != State.SYNCHRONOUS;
    }

    @Override
    public synchronized AsyncContext context() {
        if (context == null) {
            throw new IllegalStateException("the request has not begun asynchronously");
        }
        return context;
    }

    AsyncListeners listeners() {
        return listeners;
    }

    void execute(Runnable task) {
        threads.execute(task);
    }

    /** @param where null for where it came from */
    void dispatch(String where) {
        synchronized (this) {
            checkStarted();
            state = State.DISPATCHED;
            again = where == null ? request.target() : target(where);
            cancelTimer();
            if (running) {
                return;
            }
            running = true;
        }
        threads.execute(this::runLater);
    }

    private static Target target(String where) {
        int query = where.indexOf('?');
        String uri = query < 0 ? where : where.substring(0, query);
        String path = URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
        return new Target(path, uri, query < 0 ? null : where.substring(query + 1));
    }

    void complete() {
        synchronized (this) {
            checkStarted();
            state = State.COMPLETED;
            cancelTimer();
            if (running) {
                return;
            }
        }
        finishLater();
    }

    private void checkStarted() {
        if (state != State.STARTED) {
            throw new IllegalStateException("the asynchronous answer is not going on");
        }
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    // ---- after the handler's return

    private void runLater() {
        try {
            if (run(null)) {
                return;
            }
        } catch (ServletException | IOException | RuntimeException e) {
            LOG.error("A request that was dispatched asynchronously failed", e);
            fail();
        }
        finishLater();
    }

    private void finishLater() {
        try {
            finish();
        } catch (IOException e) {
            LOG.debug("an asynchronous response has lost its client", e);
        } catch (RuntimeException e) {
            LOG.error("An asynchronous response failed", e);
            if (later.isOpen()) {
                later.status(FAILED).send(new byte[0]);
            }
        }
    }

    private void limit() {
        long millis = context.getTimeout();
        timer = millis <= 0 ? null : threads.after(millis, this::timeOut);
    }

    private void timeOut() {
        AsyncContextFacade late;
        synchronized (this) {
            if (state != State.STARTED) {
                return;
            }
            late = context;
        }
        listeners.timeout(late);
        end();
    }

    /** The response has ended, in order or not. */
    private void ended() {
        AsyncContextFacade left;
        synchronized (this) {
            if (state != State.STARTED) {
                return;
            }
            gone = true;
            left = context;
        }
        listeners.error(left, new IOException("the client has gone, or the time of the response is over"));
        end();
    }

    /** Ends what nobody has ended. */
    private void end() {
        synchronized (this) {
            if (state != State.STARTED) {
                return;
            }
            state = State.COMPLETED;
        }
        fail();
        finishLater();
    }

    private void fail() {
        try {
            if (!response.isCommitted()) {
                response.sendError(FAILED);
            }
        } catch (IOException e) {
            LOG.debug("an asynchronous response has lost its client", e);
        }
    }
}
