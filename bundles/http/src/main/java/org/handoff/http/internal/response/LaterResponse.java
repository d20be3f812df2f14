package org.handoff.http.internal.response;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.StreamedResponse;
import org.handoff.http.internal.head.ResponseHead;
import org.handoff.http.internal.response.ResponseListener.Abandonment;

/**
 * A response that is given after its handler has returned: by any thread, in steps that the event loop does. Until the
 * handler has returned, the steps wait.
 */
public final class LaterResponse implements StreamedResponse.Listener {

    /** A body is copied in pieces of this size, so that a long one needs no long piece of memory outside the heap. */
    private static final int PIECE = 64 * 1024;

    private final AsyncResponses all;
    private final ResponseListener connection;
    private final GuardedTasks tasks;
    private final ResponseWriter out;
    private final EventLoopResponse response;
    private final ByteBufAllocator alloc;
    private final boolean headOnly;
    /** The bytes of steps that the event loop has not done. */
    private final AtomicLong waiting = new AtomicLong();

    private final AtomicBoolean ended = new AtomicBoolean();
    private final Thread handlers = Thread.currentThread();

    // Guarded by this.
    private Runnable whenEnded;
    private boolean told;

    // Used on the event loop only, once the handler has returned.
    private final Queue<Runnable> early = new ArrayDeque<>();
    private boolean started;
    /** The same for other threads. */
    private volatile boolean begun;

    private boolean opened;
    /** The body of a whole response, and the number of its bytes that were passed on; or null. */
    private byte[] whole;

    private int passed;
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
        if (ended.compareAndSet(false, true)) {
            wakeWriters();
            all.ended(this, false);
            tellEnd();
        }
    }

    // ---- any thread

    boolean isOpen() {
        return !ended.get();
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
     * @param bytes that the step sends; they count until it is done
     * @return false if the response has ended
     */
    boolean submit(long bytes, Runnable step) {
        if (ended.get()) {
            return false;
        }
        if (bytes > 0 && waiting.getAndAdd(bytes) > all.options().asyncBuffer()) {
            tasks.execute(this::cutSlow);
            return false;
        }
        pass(bytes, step);
        return true;
    }

    private void pass(long bytes, Runnable step) {
        tasks.execute(() -> {
            Runnable counted = () -> {
                step.run();
                taken(bytes);
            };
            if (started) {
                counted.run();
            } else if (!ended.get()) {
                early.add(counted);
            }
        });
    }

    /**
     * Sends a piece of a body, on the event loop. Waits while the event loop has not yet taken many of those before,
     * which it does once the handler has returned. The handler itself cannot wait for that: its pieces are kept.
     *
     * @return false if the response has ended
     */
    boolean submitPiece(byte[] piece) {
        if (headOnly) {
            return true;
        }
        if (!begun && Thread.currentThread() == handlers) {
            waiting.addAndGet(piece.length);
            pass(piece.length, () -> spool(piece));
            return !ended.get();
        }
        awaitTaken();
        return submit(piece.length, () -> spool(piece));
    }

    private void awaitTaken() {
        try {
            synchronized (waiting) {
                while (!ended.get() && waiting.get() > all.options().asyncBuffer()) {
                    waiting.wait();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void taken(long bytes) {
        if (bytes > 0) {
            synchronized (waiting) {
                waiting.addAndGet(-bytes);
                waiting.notifyAll();
            }
        }
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
        begun = true;
        // A step that ends the response drops those behind it.
        for (Runnable step = early.poll(); step != null; step = early.poll()) {
            step.run();
        }
    }

    /** Ends the response soon, as at the end of its time. */
    void expire() {
        tasks.execute(this::timeOut);
    }

    private void timeOut() {
        if (!ended.get()) {
            atLimit.run();
        }
    }

    /** Sends a whole response. */
    void sendWhole(ResponseHead head, byte[] body) {
        if (ended.get()) {
            return;
        }
        response.begin(head.status(), "", head.fields(), body.length);
        whole = body;
        room();
    }

    /** There is room again for a whole response's body. */
    @Override
    public void room() {
        if (whole == null || ended.get()) {
            return;
        }
        while (passed < whole.length) {
            int from = passed;
            passed += Math.min(PIECE, whole.length - from);
            if (!response.write(copy(whole, from, passed))) {
                return;
            }
        }
        end();
    }

    private ByteBuf copy(byte[] bytes, int from, int to) {
        return alloc.directBuffer(to - from).writeBytes(bytes, from, to - from);
    }

    /** Begins a response without an end of its own. */
    void beginStream(ResponseHead head) {
        if (!ended.get()) {
            response.begin(head.status(), "", head.fields(), -1);
            if (headOnly) {
                end();
            }
        }
    }

    /** Sends a piece of such a response; the client has to take the pieces as fast as they come. */
    void write(byte[] bytes) {
        if (ended.get()) {
            return;
        }
        boolean slow = out.unwritten() > all.options().asyncBuffer();
        for (int from = 0; from < bytes.length && !slow; from += PIECE) {
            slow = !response.write(copy(bytes, from, Math.min(from + PIECE, bytes.length)));
        }
        if (slow) {
            cutSlow();
        }
    }

    /** Sends a piece of such a response, of which the client takes what it takes: the rest goes to the spool. */
    private void spool(byte[] piece) {
        if (!ended.get() && piece.length > 0 && !response.write(copy(piece, 0, piece.length))) {
            cutSlow();
        }
    }

    /** Ends the response in order. */
    void end() {
        if (!ended.get()) {
            response.end();
            over();
        }
    }

    /** Ends the response so that the client sees that it is not complete. */
    void cut() {
        abandon(Abandonment.UNFINISHED);
    }

    private void cutSlow() {
        abandon(Abandonment.TOO_SLOW);
    }

    private void abandon(Abandonment why) {
        if (!ended.get()) {
            over();
            connection.abandoned(why);
        }
    }

    /** The client has closed its end: it waits for nothing more. Told again once the handler has returned. */
    public void inputEnded() {
        if (started) {
            abandon(Abandonment.LEFT);
        }
    }

    /** The connection has ended. */
    @Override
    public void gone() {
        response.gone();
        over();
    }

    private void over() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        wakeWriters();
        early.clear();
        whole = null;
        if (limit != null) {
            limit.cancel(false);
        }
        all.ended(this, opened);
        tellEnd();
    }

    private void wakeWriters() {
        synchronized (waiting) {
            waiting.notifyAll();
        }
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
