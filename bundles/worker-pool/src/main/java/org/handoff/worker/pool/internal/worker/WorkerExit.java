package org.handoff.worker.pool.internal.worker;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.protocol.ControlChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports that a worker has ended for good: its process has, and its last frames were read from its control socket. On
 * the event loop only.
 */
final class WorkerExit {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerExit.class);

    private final ControlChannel channel;
    private final IoEventLoop loop;
    private final Runnable exited;
    private final Runnable orphaned;
    private boolean channelEnded;
    private boolean processEnded;

    /**
     * @param exited called once it has ended; more than once is possible
     * @param orphaned called on any thread if its process has ended after the loop had
     */
    WorkerExit(ControlChannel channel, IoEventLoop loop, Runnable exited, Runnable orphaned) {
        this.channel = channel;
        this.loop = loop;
        this.exited = exited;
        this.orphaned = orphaned;
    }

    void watch(Process process) {
        process.onExit().thenRun(this::tellLoop);
    }

    private void tellLoop() {
        try {
            loop.execute(this::processExited);
        } catch (RejectedExecutionException e) {
            LOG.debug("the monitor has stopped before a worker", e);
            orphaned.run();
        }
    }

    /** Only now is it certain that it writes no more, to its clients or to the scoreboard. */
    private void processExited() {
        processEnded = true;
        if (channelEnded) {
            exited.run();
            return;
        }
        // Its last frames may still be in the socket, and are taken before the end of the channel is seen; a child of
        // the worker that inherited descriptor 0 would hide that end.
        loop.schedule(
                () -> {
                    channel.close();
                    exited.run();
                },
                1,
                TimeUnit.SECONDS);
    }

    /** Its control socket has ended: no frame comes any more. */
    void channelEnded() {
        channelEnded = true;
        if (processEnded) {
            exited.run();
        }
    }

    /** Ends its control socket, whose end the worker sees. */
    void closeChannel() {
        channel.close();
        channelEnded = true;
    }
}
