package org.handoff.worker.runtime;

import java.io.IOException;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import org.handoff.http.Router;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.socket.ControlSocket;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.ForeignContexts;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.runtime.connection.HandlerThread;
import org.handoff.worker.runtime.connection.MonitorLink;
import org.handoff.worker.runtime.handler.FrameworkContents;
import org.handoff.worker.runtime.handler.HandlerFramework;
import org.handoff.worker.runtime.handler.Handlers;
import org.osgi.framework.BundleException;

/** The parts of one worker: the event loop, the thread for handlers, and the framework. */
final class WorkerProcess {

    private final HandlerThread handlers;
    private final MonitorLink monitor;
    private volatile HandlerFramework framework;

    /**
     * @param mostRequests the number of requests that it may begin; 0 for any
     * @throws IllegalArgumentException if the environment is not as docs/worker-protocol.md says
     */
    WorkerProcess(Scoreboard scoreboard, Dispatch dispatch, long mostRequests) {
        handlers = new HandlerThread(scoreboard, mostRequests);
        monitor = new MonitorLink(scoreboard, handlers, dispatch);
    }

    IoEventLoop loop() {
        return handlers.loop();
    }

    /** The exit status of the process, once it is to end. */
    CompletableFuture<Integer> ended() {
        return monitor.ended();
    }

    /** Listens to the monitor. Comes first, so that the monitor's end is noticed while bundles are being started. */
    void connect(ControlSocket socket) throws IOException {
        onLoop(() -> {
            monitor.control(ControlChannel.open(socket, loop(), monitor));
            return null;
        });
    }

    /** Starts a generation's bundles and looks for its handlers. */
    Handlers startBundles(GenerationFile generation) throws IOException, BundleException {
        HandlerFramework started = HandlerFramework.start(generation);
        framework = started;
        return Handlers.find(generation, started);
    }

    /** Tells the monitor that connections may come; after the bundles were started. */
    void serve(
            HttpLimits limits,
            HandlerOptions options,
            Router router,
            SortedMap<Integer, String> failures,
            Consumer<ForeignContexts> othersContexts)
            throws IOException {
        MemoryBudget memory = new MemoryBudget(limits.memory());
        onLoop(() -> {
            monitor.ready(
                    new HttpEngine(loop(), limits, options, memory, router, handlers),
                    limits.tempDir(),
                    memory,
                    failures,
                    othersContexts,
                    new FrameworkContents(framework)::of);
            return null;
        });
    }

    /** Asks for another worker, finishes the present requests, and ends. Any thread. */
    void leave() {
        monitor.leave();
    }

    /** Ends the threads and the bundles; the worker has ended, or did not begin. */
    void close() {
        handlers.shutdown();
        HandlerFramework started = framework;
        if (started != null) {
            started.close();
        }
        loop().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Runs a task on the event loop and waits for it. */
    <T> T onLoop(Callable<T> task) throws IOException {
        try {
            return loop().submit(task).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the worker was starting", e);
        }
    }
}
