package org.handoff.servlet.internal.async;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of an asynchronous answer. One that fails does not keep the others from hearing. */
final class AsyncListeners {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncListeners.class);

    private record Added(AsyncListener listener, ServletRequest request, ServletResponse response) {}

    private interface Call {
        void on(AsyncListener listener, AsyncEvent event) throws IOException;
    }

    private final List<Added> added = new ArrayList<>();

    synchronized void add(AsyncListener listener, ServletRequest request, ServletResponse response) {
        added.add(new Added(listener, request, response));
    }

    /** The answer begins asynchronously once more: those of the time before hear of it, and of nothing else. */
    void restarted(AsyncContextFacade context) {
        List<Added> before = all();
        synchronized (this) {
            added.clear();
        }
        tell(before, context, null, AsyncListener::onStartAsync);
    }

    void complete(AsyncContextFacade context) {
        if (context != null) {
            tell(all(), context, null, AsyncListener::onComplete);
        }
    }

    void timeout(AsyncContextFacade context) {
        tell(all(), context, null, AsyncListener::onTimeout);
    }

    void error(AsyncContextFacade context, Throwable fault) {
        tell(all(), context, fault, AsyncListener::onError);
    }

    private synchronized List<Added> all() {
        return List.copyOf(added);
    }

    private static void tell(List<Added> listeners, AsyncContextFacade context, Throwable fault, Call call) {
        for (Added one : listeners) {
            try {
                call.on(one.listener(), new AsyncEvent(context, one.request(), one.response(), fault));
            } catch (IOException | RuntimeException e) {
                LOG.error("A listener of an asynchronous answer failed", e);
            }
        }
    }
}
