package org.handoff.servlet.internal.async;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;

/** One asynchronous answer as its servlet sees it. */
final class AsyncContextFacade implements AsyncContext {

    private static final long DEFAULT_TIMEOUT_MILLIS = 30_000;

    private final AsyncAnswer answer;
    private final ServletRequest request;
    private final ServletResponse response;
    private final boolean original;
    private volatile long timeout = DEFAULT_TIMEOUT_MILLIS;

    AsyncContextFacade(AsyncAnswer answer, ServletRequest request, ServletResponse response, boolean original) {
        this.answer = answer;
        this.request = request;
        this.response = response;
        this.original = original;
    }

    @Override
    public ServletRequest getRequest() {
        return request;
    }

    @Override
    public ServletResponse getResponse() {
        return response;
    }

    @Override
    public boolean hasOriginalRequestAndResponse() {
        return original;
    }

    @Override
    public void dispatch() {
        answer.dispatch(null);
    }

    @Override
    public void dispatch(String path) {
        dispatch(request.getServletContext(), path);
    }

    @Override
    public void dispatch(ServletContext context, String path) {
        answer.dispatch(context.getContextPath() + path);
    }

    @Override
    public void complete() {
        answer.complete();
    }

    @Override
    public void start(Runnable task) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        answer.execute(() -> {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                task.run();
            } finally {
                thread.setContextClassLoader(before);
            }
        });
    }

    @Override
    public void addListener(AsyncListener listener) {
        addListener(listener, request, response);
    }

    @Override
    public void addListener(AsyncListener listener, ServletRequest ofRequest, ServletResponse ofResponse) {
        answer.listeners().add(listener, ofRequest, ofResponse);
    }

    @Override
    public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
        try {
            return type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new ServletException("no listener is made of " + type, e);
        }
    }

    @Override
    public void setTimeout(long millis) {
        timeout = millis;
    }

    @Override
    public long getTimeout() {
        return timeout;
    }
}
