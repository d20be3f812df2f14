package org.handoff.worker.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.routing.ContextTable;
import org.handoff.socket.ControlSocket;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.Variable;
import org.handoff.worker.protocol.generation.GenerationException;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.runtime.connection.Deadline;
import org.handoff.worker.runtime.connection.MonitorLink;
import org.handoff.worker.runtime.handler.Handlers;
import org.handoff.worker.runtime.log.JavaUtilLogging;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A Java worker. Started by the pool with the path of a generation file, and with the environment of
 * docs/worker-protocol.md; or with {@code --warm-up}, to make an archive of the classes that a worker uses.
 */
public final class WorkerMain {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);

    private WorkerMain() {}

    /**
     * Runs the worker. The process ends by {@link System#exit}: with 0 when the monitor said so, or has gone; 1 when it
     * cannot start; 2 when the monitor speaks another version of the protocol; 3 when the monitor broke it.
     *
     * @param arguments the generation file, or {@code --warm-up}
     */
    public static void main(String[] arguments) {
        JavaUtilLogging.install();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> LOG.error("The thread {} ended by an exception", thread.getName(), e));
        // Ctrl-C in the terminal of a Karaf in the foreground goes to all its processes; Karaf itself stops the
        // workers.
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        if (arguments.length != 1) {
            LOG.error("Usage: java -jar worker-runtime.jar <generation file> | --warm-up");
            System.exit(MonitorLink.FAILED);
        }
        String version = Variable.PROTOCOL.value();
        try {
            if (arguments[0].equals("--warm-up")) {
                WarmUp.run();
                System.exit(MonitorLink.DONE);
            } else if (!Integer.toString(Frame.VERSION).equals(version)) {
                LOG.error(
                        "{} is {}; this worker speaks version {} only",
                        Variable.PROTOCOL.key(),
                        version,
                        Frame.VERSION);
                System.exit(MonitorLink.OTHER_VERSION);
            } else {
                work(Path.of(arguments[0]));
            }
        } catch (GenerationException | IllegalArgumentException e) {
            LOG.error("The worker cannot start: {}", e.getMessage());
            System.exit(MonitorLink.FAILED);
        } catch (IOException | BundleException | RuntimeException e) {
            LOG.error("The worker cannot start", e);
            System.exit(MonitorLink.FAILED);
        }
    }

    private static void work(Path file) throws GenerationException, IOException, BundleException {
        GenerationFile generation = GenerationFile.read(file, ContextTable::validContext);
        generation.properties().forEach(System::setProperty);
        HttpLimits limits = HttpLimits.from(generation.http());
        HandlerOptions options = HandlerOptions.from(generation.http());
        String scoreboard = Variable.SCOREBOARD.value();
        if (scoreboard == null) {
            throw new IOException(Variable.SCOREBOARD.key() + " is not set: it is the path of the scoreboard file");
        }
        Dispatch dispatch = Dispatch.of(
                Variable.DISPATCH.key(),
                Objects.requireNonNullElse(Variable.DISPATCH.value(), Dispatch.ADAPTIVE.key()));
        long mostRequests = Long.parseLong(Objects.requireNonNullElse(Variable.MAX_REQUESTS.value(), "0"));
        WorkerProcess process = new WorkerProcess(Scoreboard.open(Path.of(scoreboard)), dispatch, mostRequests);
        // On a thread of its own: an unfinished start must not delay the end, and the end must not delay the event
        // loop.
        process.ended().thenAcceptAsync(status -> exit(process, status), task -> new Thread(task, "exit").start());
        // A program that stops a whole process group or container, as systemd does, expects requests to be finished.
        Signal.handle(new Signal("TERM"), signal -> process.leave());
        process.connect(ControlSocket.inherited());
        Handlers handlers = process.startBundles(generation);
        process.serve(limits, options, handlers, handlers.failures(), handlers::foreignContexts);
        LOG.info(
                "Generation {} is ready: {} of {} handlers serve",
                generation.number(),
                generation.handlers().size() - handlers.failures().size(),
                generation.handlers().size());
    }

    private static void exit(WorkerProcess process, int status) {
        // A bundle's stop may hang, and so may a hook.
        new Deadline().begin();
        try {
            process.close();
        } finally {
            System.exit(status);
        }
    }
}
