package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import org.handoff.socket.ControlSocket;
import org.handoff.worker.pool.internal.config.RunAs;
import org.handoff.worker.pool.internal.config.WorkerEnvironment;
import org.handoff.worker.pool.internal.output.WorkerOutput;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts worker processes. */
public final class WorkerLauncher {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerLauncher.class);

    /** The file in a worker's folder that names its process. */
    private static final String PID = "pid";

    private final Program program;
    private final Path folder;
    private final Path sessions;

    /** The program of workers. */
    @FunctionalInterface
    public interface Program {

        /**
         * The command line and the working directory of a worker, to be started.
         *
         * @param generation to be served
         * @param folder for its generation file and the folder of its temporary files; everything in it becomes the
         *        worker's
         */
        ProcessBuilder process(Generation generation, Path folder) throws IOException;

        /** Variables of the environment that the program runs best with; those of the pool's file come before them. */
        default Map<String, String> variables() {
            return Map.of();
        }
    }

    /**
     * @param pool the folder of the pool; folders there of workers of former lives of the pool are deleted, at once or
     *        when the workers exit that are still finishing their requests
     */
    public WorkerLauncher(Program program, Path pool) throws IOException {
        this.program = program;
        folder = Files.createDirectories(pool.resolve("workers"));
        sessions = pool.resolve("sessions");
        Rights.letEnter(Files.createDirectories(sessions), RunAs.KARAF);
        try (Stream<Path> left = Files.list(folder)) {
            left.forEach(WorkerLauncher::deleteWhenUnused);
        }
    }

    /** Where workers look for their sessions in Karaf's memory. */
    public Path sessionSocket() {
        return sessions.resolve("socket");
    }

    private static void deleteWhenUnused(Path left) {
        user(left)
                .ifPresentOrElse(
                        worker -> worker.onExit().thenRun(() -> deleteQuietly(left)), () -> deleteQuietly(left));
    }

    /** The living worker that uses this folder. */
    private static Optional<ProcessHandle> user(Path folder) {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve(PID))))
                    .filter(ProcessHandle::isAlive);
        } catch (IOException | NumberFormatException e) {
            LOG.debug("{} has no worker", folder, e);
            return Optional.empty();
        }
    }

    /**
     * A process that was started.
     *
     * @param control the monitor's end of its control socket; the taker closes it
     * @param command its program's command line
     * @param folder its files, in a folder that is Karaf's; deleted when it ends
     * @param scoreboardFile to be deleted once the worker has mapped it
     */
    public record Launched(
            String id,
            Process process,
            List<String> command,
            ControlSocket control,
            MonitorScoreboard scoreboard,
            Path scoreboardFile,
            Path folder,
            WorkerOutput output) {

        /** Ends a process that is not needed. */
        public void discard() {
            process.destroyForcibly();
            close();
        }

        /** Closes the monitor's part of the worker, whose process ends in order when it sees that. */
        public void close() {
            try {
                control.close();
                scoreboard.close();
                Files.deleteIfExists(scoreboardFile);
            } catch (IOException e) {
                LOG.warn("Cannot close the files and sockets of worker {}", id, e);
            }
        }
    }

    /**
     * Starts a worker.
     *
     * @param told further variables of its environment: the pool's decisions about this worker
     * @throws IOException if the process cannot be started; nothing is left behind then
     */
    public Launched launch(String id, String pool, Generation generation, Map<String, String> told) throws IOException {
        Path own = Files.createTempDirectory(folder, id + "-");
        ControlSocket control = null;
        MonitorScoreboard scoreboard = null;
        try {
            Path scoreboardFile = own.resolve("scoreboard");
            scoreboard = MonitorScoreboard.create(scoreboardFile);
            ControlSocket.Pair pair = ControlSocket.pair();
            control = pair.ours();
            try (ControlSocket.ChildEnd childs = pair.childs()) {
                ProcessBuilder builder = program.process(generation, own)
                        .redirectInput(childs.redirect())
                        .redirectErrorStream(true);
                String mark = UUID.randomUUID().toString();
                Map<String, String> environment = WorkerEnvironment.cleaned(builder.environment());
                WorkerEnvironment.useUtf8(environment);
                environment.putAll(program.variables());
                environment.putAll(generation.settings().environment());
                environment.putAll(generation.variables());
                environment.putAll(told);
                environment.put(Variable.PROTOCOL.key(), Integer.toString(Frame.VERSION));
                environment.put(Variable.WORKER.key(), id);
                environment.put(Variable.LOG.key(), mark);
                environment.put(Variable.POOL.key(), pool);
                environment.put(Variable.SCOREBOARD.key(), scoreboardFile.toString());
                environment.put(
                        Variable.SESSIONS.key(),
                        generation.settings().sessions().told(sessionSocket()));
                environment.put(
                        Variable.DISPATCH.key(),
                        generation.settings().dispatch().key());
                List<String> command = List.copyOf(builder.command());
                RunAs runAs = generation.settings().runAs();
                Rights.apply(builder, pool, runAs);
                Rights.give(own, runAs);
                Rights.letEnter(sessions, runAs);
                Process process = builder.start();
                Files.writeString(own.resolve(PID), Long.toString(process.pid()));
                process.onExit().thenRun(() -> deleteQuietly(own));
                return new Launched(
                        id,
                        process,
                        command,
                        control,
                        scoreboard,
                        scoreboardFile,
                        own,
                        new WorkerOutput(id, process, mark));
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // A process already started ends when its control socket does.
            if (control != null) {
                control.close();
            }
            if (scoreboard != null) {
                scoreboard.close();
            }
            deleteQuietly(own);
            throw e;
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            LOG.warn("Cannot delete {}", folder, e);
        }
    }
}
