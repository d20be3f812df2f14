package org.handoff.http.internal.response;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.worker.api.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All responses of an engine that are given after their handlers have returned. */
public final class AsyncResponses {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncResponses.class);

    private final EventLoop loop;
    private final Executor handlers;
    private final HandlerOptions options;
    private final AtomicInteger count = new AtomicInteger();
    /** On the event loop only. */
    private final Set<LaterResponse> open = new LinkedHashSet<>();
    /** Whether all end as soon as they begin. */
    private boolean ending;

    /** @param handlers runs the tasks for the ends of responses */
    public AsyncResponses(EventLoop loop, Executor handlers, HandlerOptions options) {
        this.loop = loop;
        this.handlers = handlers;
        this.options = options;
    }

    public HandlerOptions options() {
        return options;
    }

    EventLoop loop() {
        return loop;
    }

    /**
     * Makes a response that is given later. On the handlers' thread.
     *
     * @param connection told if the response cannot be completed
     * @param tasks of that connection
     * @throws HttpException if there are too many
     */
    public LaterResponse begin(
            ResponseListener connection,
            GuardedTasks tasks,
            ResponseWriter out,
            ByteBufAllocator alloc,
            RequestHead request) {
        if (count.incrementAndGet() > options.asyncMost()) {
            count.decrementAndGet();
            throw new HttpException(
                    503, options.asyncMost() + " asynchronous responses are open already (http.async.max)");
        }
        return new LaterResponse(
                this,
                connection,
                tasks,
                out,
                new EventLoopResponse(connection, tasks, out, alloc, request),
                alloc,
                request.isHead());
    }

    /** On the event loop. */
    void opened(LaterResponse response) {
        open.add(response);
        if (ending) {
            response.expire();
        }
    }

    /** A response that was begun has ended. On the event loop, or on the handlers' thread if it was not opened. */
    void ended(LaterResponse response, boolean opened) {
        count.decrementAndGet();
        if (opened) {
            open.remove(response);
        }
    }

    /** Runs a handler's task on the handlers' thread, where it counts as the handler does. @param out of its response */
    void tell(ResponseWriter out, Runnable task) {
        try {
            handlers.execute(() -> {
                try {
                    out.announceRun();
                    task.run();
                } catch (Throwable e) {
                    // As of a handler, an error too ends no more than this.
                    LOG.error("The task for the end of an asynchronous response failed", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The worker ends before it tells of the end of a response", e);
        }
    }

    /** Ends all, and all that come later, as at the end of their time. On the event loop. */
    public void endAll() {
        ending = true;
        open.forEach(LaterResponse::expire);
    }
}
