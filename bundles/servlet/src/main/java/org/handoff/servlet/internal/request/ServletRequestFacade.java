package org.handoff.servlet.internal.request;

import java.io.IOException;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpUpgradeHandler;
import org.handoff.worker.api.Request;

/**
 * A handler's request as the Whiteboard sees it, in the root of the container: the Whiteboard itself finds the servlet
 * and wraps the request for it. Used by one thread at a time.
 */
public final class ServletRequestFacade extends RequestWithBody {

    /** Names no attribute of a servlet. */
    private static final String ITSELF = ServletRequestFacade.class.getName();

    private final SessionAccess sessions;
    private final AsyncAccess async;
    private final List<Runnable> ends = new ArrayList<>();
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();

    private ServletRequest outer = this;
    private ServletResponse answer;

    public ServletRequestFacade(Request request, ServletContext context, SessionAccess sessions, AsyncAccess async) {
        super(request, context);
        this.sessions = sessions;
        this.async = async;
    }

    // ---- for the container

    /** The one within the requests that wrap it, of which some are of javax and some of jakarta. */
    public static ServletRequestFacade within(ServletRequest request) {
        return (ServletRequestFacade) request.getAttribute(ITSELF);
    }

    /** Sets what servlets see of it and of its response, in their servlet context. */
    public void seenAs(ServletRequest request, ServletResponse response) {
        outer = request;
        answer = response;
    }

    /** Runs a task when its answer is complete. */
    public void atEnd(Runnable task) {
        ends.add(task);
    }

    @Override
    public void close() throws IOException {
        ends.forEach(Runnable::run);
        super.close();
    }

    // ---- attributes

    @Override
    public Object getAttribute(String name) {
        return name.equals(ITSELF) ? this : attributes.get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        return Collections.enumeration(List.copyOf(attributes.keySet()));
    }

    @Override
    public void setAttribute(String name, Object value) {
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
            if (name.equals(RequestDispatcher.ERROR_EXCEPTION) && value instanceof Throwable fault) {
                // The Whiteboard tells of an exception in no other way.
                async.failed(fault);
            }
        }
    }

    @Override
    public void removeAttribute(String name) {
        attributes.remove(name);
    }

    // ---- the session

    @Override
    public HttpSession getSession() {
        return getSession(true);
    }

    @Override
    public HttpSession getSession(boolean create) {
        return sessions.session(create);
    }

    @Override
    public String getRequestedSessionId() {
        return sessions.requestedId();
    }

    @Override
    public boolean isRequestedSessionIdValid() {
        return sessions.isRequestedIdValid();
    }

    @Override
    public boolean isRequestedSessionIdFromCookie() {
        return sessions.requestedId() != null;
    }

    @Override
    public boolean isRequestedSessionIdFromURL() {
        return false;
    }

    @Override
    public String changeSessionId() {
        return sessions.changeId();
    }

    // ---- the user: a matter of the context's helper, and of filters

    @Override
    public String getAuthType() {
        return null;
    }

    @Override
    public String getRemoteUser() {
        return null;
    }

    @Override
    public Principal getUserPrincipal() {
        return null;
    }

    @Override
    public boolean isUserInRole(String role) {
        return false;
    }

    @Override
    public boolean authenticate(HttpServletResponse response) throws ServletException {
        throw notHere();
    }

    @Override
    public void login(String user, String password) throws ServletException {
        throw notHere();
    }

    @Override
    public void logout() throws ServletException {
        throw notHere();
    }

    private static ServletException notHere() {
        return new ServletException(
                "workers have no realm of users: let a filter or the servlet context's helper check who asks");
    }

    @Override
    public <T extends HttpUpgradeHandler> T upgrade(Class<T> handler) throws ServletException {
        throw new ServletException("workers do not leave HTTP");
    }

    // ---- asynchronous

    @Override
    public boolean isAsyncSupported() {
        return true;
    }

    @Override
    public AsyncContext startAsync() {
        return async.start(outer, answer, true);
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        return async.start(request, response, false);
    }

    @Override
    public boolean isAsyncStarted() {
        return async.isStarted();
    }

    @Override
    public AsyncContext getAsyncContext() {
        return async.context();
    }
}
