package org.handoff.servlet.internal;

import org.handoff.servlet.internal.async.AsyncAnswer;
import org.handoff.servlet.internal.async.AsyncThreads;
import org.handoff.servlet.internal.context.ContainerContext;
import org.handoff.servlet.internal.context.SessionCookie;
import org.handoff.servlet.internal.request.KeptBodies;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.response.HandlerSink;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.servlet.internal.session.RequestSession;
import org.handoff.servlet.internal.session.store.Sessions;
import org.handoff.servlet.internal.whiteboard.Whiteboard;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Answers the requests of an application's contexts by its servlets. */
final class ServletHandler implements Handler, AutoCloseable {

    private static final long KEPT_BODIES = 256L << 20;

    private final Whiteboard whiteboard;
    private final ContainerContext container;
    private final SessionCookie cookie;
    private final Sessions sessions;
    private final int maxInactive;
    private final AsyncThreads threads = new AsyncThreads();
    private final KeptBodies bodies = new KeptBodies(KEPT_BODIES);

    /** @param maxInactive seconds after which an unused session ends */
    ServletHandler(
            Whiteboard whiteboard,
            ContainerContext container,
            SessionCookie cookie,
            Sessions sessions,
            int maxInactive) {
        this.whiteboard = whiteboard;
        this.container = container;
        this.cookie = cookie;
        this.sessions = sessions;
        this.maxInactive = maxInactive;
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        RequestSession session = new RequestSession(sessions, container, cookie, maxInactive, whiteboard.sessionIds());
        AsyncAnswer async = new AsyncAnswer(threads, bodies, whiteboard::service, session::save);
        ServletRequestFacade received = new ServletRequestFacade(request, container, session, async);
        ServletResponseFacade answered = new ServletResponseFacade(new HandlerSink(response), received);
        session.of(received, answered);
        async.answer(received, answered, response);
    }

    @Override
    public void close() {
        threads.close();
    }
}
