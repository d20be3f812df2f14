package org.handoff.http.internal.response;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.handoff.http.Durability;
import org.handoff.http.limits.HttpLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the end of a response safe before its handler's thread goes on: puts the bytes that the client does not take at
 * once into a file, and hands it over to the connection's {@link Durability}.
 */
final class TailHandover {

    private static final Logger LOG = LoggerFactory.getLogger(TailHandover.class);

    private final ResponseQueue queue;
    private final Durability durability;
    private final GuardedTasks tasks;
    private final HttpLimits limits;
    private final Runnable pump;

    // Guarded by the queue.
    /** The handlers' thread waits for what is left of its response, which is complete. */
    private boolean awaited;

    private UnsentTail unsent;

    // Used on the event loop only.
    private ChannelHandlerContext ctx;

    /** @param pump continues writing, on the event loop */
    TailHandover(ResponseQueue queue, Durability durability, GuardedTasks tasks, HttpLimits limits, Runnable pump) {
        this.queue = queue;
        this.durability = durability;
        this.tasks = tasks;
        this.limits = limits;
        this.pump = pump;
    }

    void attach(ChannelHandlerContext context) {
        ctx = context;
    }

    // ---- on the handlers' thread

    /** Asks for the unsent bytes, before the end of the response, while holding the queue's lock for both. */
    void ask() {
        awaited = !queue.isClosed() && durability.keepsTail();
        if (awaited) {
            queue.wakeAgain();
        }
    }

    /**
     * Waits until the bytes that the client does not take at once are in a file that was handed over. This waits for
     * the event loop, which writes until the kernel takes no more, and for the file, but not for the client.
     */
    void await() {
        try {
            durability.returned();
            tasks.runWaiting();
            UnsentTail left = awaitUnsent();
            if (left != null) {
                handOver(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private UnsentTail awaitUnsent() throws InterruptedException {
        synchronized (queue) {
            while (awaited) {
                queue.wait();
            }
            UnsentTail left = unsent;
            unsent = null;
            return left;
        }
    }

    private void handOver(UnsentTail left) throws InterruptedException {
        try {
            if (!left.isFile()) {
                Spool to = queue.retainSpool();
                if (to == null) {
                    left.close();
                    return;
                }
                left.save(to);
            }
        } catch (IOException e) {
            LOG.warn(
                    "The rest of a response cannot be kept in {}: it is lost if this process dies",
                    limits.tempDir(),
                    e);
            left.close();
            return;
        }
        CountDownLatch safe = new CountDownLatch(1);
        tasks.execute(() -> tell(left, safe));
        tasks.runWaiting();
        safe.await();
    }

    // ---- on the event loop

    /** Gives the waiting handler's thread the unsent bytes of its response. */
    void find() {
        synchronized (queue) {
            if (!awaited) {
                return;
            }
            UnsentTail left = queue.unsent(flushed());
            // Without unsent bytes, the end is about to be noticed.
            if (!left.isEmpty()) {
                unsent = left;
                awaited = false;
                queue.notifyAll();
            }
        }
    }

    private ChannelOutboundBuffer flushed() {
        return ctx.channel().unsafe().outboundBuffer();
    }

    private void tell(UnsentTail left, CountDownLatch safe) {
        boolean told = false;
        try (left) {
            if (queue.isUnfinished()) {
                if (!left.isFile()) {
                    leaveToSpool();
                }
                durability.tail(left.tail(), safe::countDown);
                told = true;
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("The rest of a response is lost if this process dies", e);
        } finally {
            // After any exception too: the handler's thread waits.
            if (!told) {
                safe.countDown();
            }
        }
    }

    private void leaveToSpool() {
        ChannelOutboundBuffer flushed = flushed();
        if (flushed == null) {
            return;
        }
        UnsentTail present = new UnsentTail(0, false);
        present.addFlushed(flushed);
        int messages = flushed.size();
        queue.leaveToSpool(present);
        present.close();
        // Each message counts as written, as the bytes come from the spool now.
        for (int i = 0; i < messages; i++) {
            flushed.remove();
        }
        pump.run();
    }

    /** There are no unsent bytes, or they are of no use: the handlers' thread goes on. */
    void cancel() {
        synchronized (queue) {
            awaited = false;
            if (unsent != null) {
                unsent.close();
                unsent = null;
            }
            queue.notifyAll();
        }
    }
}
