package org.handoff.http.internal.response;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.StreamedResponse;
import org.handoff.http.internal.head.ResponseHead;
import org.handoff.http.internal.response.ResponseListener.Abandonment;

/**
 * A response that is given after its handler has returned: by any thread, in steps that the event loop does. Until the
 * handler has returned, the steps wait.
 */
public final class LaterResponse implements StreamedResponse.Listener {

    private final AsyncResponses all;
    private final ResponseListener connection;
    private final GuardedTasks tasks;
    private final ResponseWriter out;
    private final EventLoopResponse response;
    private final ByteBufAllocator alloc;
    private final boolean headOnly;
    /** The bytes of steps that the event loop has not done. */
    private final AtomicLong waiting = new AtomicLong();

    private volatile boolean ended;

    // Guarded by this.
    private Runnable whenEnded;
    private boolean told;

    // Used on the event loop only, once the handler has returned.
    private final Queue<Runnable> early = new ArrayDeque<>();
    private boolean started;
    private boolean inputEnded;
    private boolean opened;
    private Future<?> limit;
    private Duration time;
    private Runnable atLimit;

    LaterResponse(
            AsyncResponses all,
            ResponseListener connection,
            GuardedTasks tasks,
            ResponseWriter out,
            EventLoopResponse response,
            ByteBufAllocator alloc,
            boolean headOnly) {
        this.all = all;
        this.connection = connection;
        this.tasks = tasks;
        this.out = out;
        this.response = response;
        this.alloc = alloc;
        this.headOnly = headOnly;
        response.listener(this);
    }

    // ---- on the handlers' thread

    /** The longest time of any. */
    Duration longest() {
        return all.options().asyncTime();
    }

    /** Limits its time. @param action ends the response, on the event loop */
    void limit(Duration most, Runnable action) {
        time = most.compareTo(longest()) < 0 ? most : longest();
        atLimit = action;
    }

    /** The handler has returned: the steps may be done. */
    void start() {
        tasks.execute(this::begin);
    }

    /** The handler has failed, and is answered by an error. */
    public void cancel() {
        ended = true;
        all.ended(this, false);
        tellEnd();
    }

    // ---- any thread

    boolean isOpen() {
        return !ended;
    }

    void onEnd(Runnable task) {
        synchronized (this) {
            whenEnded = task;
            if (!told) {
                return;
            }
        }
        all.tell(out, task);
    }

    /**
     * Does a step on the event loop.
     *
     * @param bytes that the step sends
     * @return false if the response has ended
     */
    boolean submit(long bytes, Runnable step) {
        if (ended) {
            return false;
        }
        if (bytes > 0 && waiting.getAndAdd(bytes) > all.options().asyncBuffer()) {
            tasks.execute(this::cutSlow);
            return false;
        }
        tasks.execute(() -> {
            if (started) {
                step.run();
            } else {
                early.add(step);
            }
            waiting.addAndGet(-bytes);
        });
        return true;
    }

    // ---- on the event loop

    private void begin() {
        if (out.isClosed()) {
            over();
            return;
        }
        opened = true;
        all.opened(this);
        limit = all.loop().schedule(() -> tasks.run(this::timeOut), time.toMillis(), TimeUnit.MILLISECONDS);
        started = true;
        early.forEach(Runnable::run);
        early.clear();
        if (inputEnded) {
            inputEnded();
        }
    }

    /** Ends the response soon, as at the end of its time. */
    void expire() {
        tasks.execute(this::timeOut);
    }

    private void timeOut() {
        if (!ended) {
            atLimit.run();
        }
    }

    /** Sends a whole response. */
    void sendWhole(ResponseHead head, byte[] body) {
        if (ended) {
            return;
        }
        response.begin(head.status(), "", head.fields(), body.length);
        response.write(alloc.directBuffer(body.length).writeBytes(body));
        end();
    }

    /** Begins a response without an end of its own. */
    void beginStream(ResponseHead head) {
        if (!ended) {
            response.begin(head.status(), "", head.fields(), -1);
            if (headOnly) {
                end();
            }
        }
    }

    /** Sends a piece of such a response; the client has to take the pieces as fast as they come. */
    void write(byte[] piece) {
        if (ended) {
            return;
        }
        boolean slow = out.unwritten() > all.options().asyncBuffer();
        if (slow || !response.write(alloc.directBuffer(piece.length).writeBytes(piece))) {
            cutSlow();
        }
    }

    /** Ends the response in order. */
    void end() {
        if (!ended) {
            response.end();
            over();
        }
    }

    private void cutSlow() {
        if (!ended) {
            over();
            connection.abandoned(Abandonment.TOO_SLOW);
        }
    }

    /** The client has closed its end: it waits for nothing more. */
    public void inputEnded() {
        inputEnded = true;
        if (started && !ended) {
            over();
            connection.abandoned(Abandonment.LEFT);
        }
    }

    /** The connection has ended. */
    @Override
    public void gone() {
        response.gone();
        over();
    }

    @Override
    public void room() {
        // Nobody waits for room.
    }

    private void over() {
        if (ended) {
            return;
        }
        ended = true;
        early.clear();
        if (limit != null) {
            limit.cancel(false);
        }
        all.ended(this, opened);
        tellEnd();
    }

    private void tellEnd() {
        Runnable task;
        synchronized (this) {
            told = true;
            task = whenEnded;
        }
        if (task != null) {
            all.tell(out, task);
        }
    }
}
