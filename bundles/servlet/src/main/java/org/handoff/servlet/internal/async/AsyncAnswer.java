package org.handoff.servlet.internal.async;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import org.handoff.servlet.internal.request.AsyncAccess;
import org.handoff.servlet.internal.request.KeptBodies;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.request.Target;
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
    private final KeptBodies bodies;
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

    /** That of the handler. */
    private Response first;

    private AsyncResponse later;
    /** Whether the response goes to the later one. */
    private boolean released;
    /** Why the last servlet has failed; null if it has not. */
    private Throwable fault;
    /** Why the response is incomplete. */
    private Throwable broken;

    private AsyncContextFacade context;
    private Target again;
    private Future<?> timer;

    /**
     * @param bodies room for those of requests that go on
     * @param saveSession done before the client sees the end of the response
     */
    public AsyncAnswer(AsyncThreads threads, KeptBodies bodies, Service service, Runnable saveSession) {
        this.threads = threads;
        this.bodies = bodies;
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
        first = handlers;
        boolean ends = true;
        try {
            ends = !run();
            if (ends && later != null) {
                response.completeTo(new LaterSink(later));
            }
        } catch (ServletException | IOException | RuntimeException | Error e) {
            listeners.error(context, e);
            close();
            throw e;
        }
        if (ends) {
            try {
                finish();
            } finally {
                close();
            }
        }
    }

    /**
     * Lets servlets answer until none is to any more.
     *
     * @return whether a servlet answers later
     */
    private boolean run() throws ServletException, IOException {
        boolean ended = false;
        try {
            while (true) {
                begin();
                service.to(request, response);
                tellFault();
                synchronized (this) {
                    if (state != State.DISPATCHED) {
                        running = false;
                        boolean goesOn = state == State.STARTED && fault == null;
                        if (goesOn) {
                            goOnLater();
                        } else {
                            state = State.COMPLETED;
                        }
                        ended = true;
                        return goesOn;
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

    private synchronized void begin() {
        running = true;
        if (state == State.DISPATCHED) {
            request.dispatch(again);
            fault = null;
        }
        state = State.SYNCHRONOUS;
    }

    /** Lets the listeners of a servlet that has begun to answer later, and failed then, dispatch or complete. */
    private void tellFault() {
        Throwable its;
        synchronized (this) {
            its = state == State.STARTED ? fault : null;
        }
        if (its != null) {
            listeners.error(context, its);
        }
    }

    private void goOnLater() throws IOException {
        if (!released) {
            released = true;
            response.releaseTo(new LaterSink(later));
            later.onEnd(this::ended);
        }
        limit();
    }

    private void finish() throws ServletException, IOException {
        saveSession.run();
        if (gone) {
            return;
        }
        if (broken != null) {
            throw new ServletException("a servlet has failed after a part of its response was sent", broken);
        }
        response.finish();
    }

    /** Releases what the request has kept, once the response has ended. */
    private void close() {
        try {
            request.close();
        } catch (IOException e) {
            LOG.warn("The kept body of a request is not closed", e);
        }
        listeners.complete(context);
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
                request.keep(bodies);
            } catch (IOException e) {
                throw new IllegalStateException("the request's body cannot be kept", e);
            }
            later = first.async(UNLIMITED, UNAVAILABLE);
            response.hold(threads::call);
        }
        state = State.STARTED;
        AsyncContextFacade begun = new AsyncContextFacade(this, of, to == null ? response : to, original);
        listeners.restarted(begun);
        context = begun;
        return begun;
    }

    @Override
    public synchronized boolean isStarted() {
        return state == State.STARTED || running && state != State.SYNCHRONOUS;
    }

    @Override
    public synchronized void failed(Throwable its) {
        fault = its;
        breakOff(its);
    }

    /** If a part of the response was sent, the rest of it is missing: the client is to see that. */
    private void breakOff(Throwable its) {
        if (response.isHeadSent()) {
            broken = its;
        }
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
            again = where == null ? request.target() : Target.of(where);
            cancelTimer();
            if (running) {
                return;
            }
            running = true;
        }
        threads.call(this::runLater);
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
            if (run()) {
                return;
            }
        } catch (Throwable e) {
            // As of a handler, an error too ends no more than this.
            LOG.error("A request that was dispatched asynchronously failed", e);
            listeners.error(context, e);
            fail(e);
        }
        finishLater();
    }

    private void finishLater() {
        try {
            finish();
        } catch (IOException e) {
            LOG.debug("an asynchronous response has lost its client", e);
        } catch (ServletException | RuntimeException e) {
            LOG.error("An asynchronous response failed", e);
            if (later.isOpen()) {
                later.status(FAILED).send(new byte[0]);
            } else {
                later.cut();
            }
        } finally {
            close();
        }
    }

    private void limit() {
        AsyncContextFacade limited = context;
        long millis = limited.getTimeout();
        timer = millis <= 0 ? null : threads.after(millis, () -> timeOut(limited));
    }

    private void timeOut(AsyncContextFacade late) {
        if (isOpen(late)) {
            listeners.timeout(late);
            end(late, new IOException("the time of the asynchronous answer is over"));
        }
    }

    /** Whether nobody has ended it: a request may have begun asynchronously once more meanwhile. */
    private synchronized boolean isOpen(AsyncContextFacade begun) {
        return state == State.STARTED && context == begun;
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
        IOException why = new IOException("the client has gone, or the time of the response is over");
        listeners.error(left, why);
        end(left, why);
    }

    /** Ends what nobody has ended. */
    private void end(AsyncContextFacade begun, IOException why) {
        synchronized (this) {
            if (!isOpen(begun)) {
                return;
            }
            state = State.COMPLETED;
        }
        fail(why);
        finishLater();
    }

    private void fail(Throwable why) {
        breakOff(why);
        try {
            if (!response.isCommitted()) {
                response.sendError(FAILED);
            }
        } catch (IOException e) {
            LOG.debug("an asynchronous response has lost its client", e);
        }
    }
}
