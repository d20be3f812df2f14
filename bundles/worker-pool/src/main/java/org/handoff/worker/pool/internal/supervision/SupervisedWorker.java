package org.handoff.worker.pool.internal.supervision;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker as a process: its state, its times, the reason and the manner of its end. Its frames and its requests belong
 * to its kind. On the event loop only.
 */
public abstract class SupervisedWorker implements PoolWorker {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedWorker.class);

    protected final IoEventLoop loop;
    private final String id;
    private final Process process;
    private final Lifetime lifetime;
    private final History history = new History();
    private final long startedAt = System.nanoTime();
    private WorkerState state = WorkerState.STARTING;
    /** 0 before it was ready. */
    private long readyAt;

    private long activeAt;
    private long requestsSeen;
    private String killedBecause;
    private boolean killedByCommand;

    protected SupervisedWorker(String id, Process process, Lifetime lifetime, IoEventLoop loop) {
        this.id = id;
        this.process = process;
        this.lifetime = lifetime;
        this.loop = loop;
        note("starting");
    }

    // ---- what the kind says

    /** Ends the process at once. */
    protected abstract void destroy();

    /** What the process writes. */
    protected abstract LastOutput output();

    /** Whether a process that was told to finish ends with this status. */
    protected boolean isClean(int exitStatus) {
        return exitStatus == 0;
    }

    // ---- its state

    public WorkerState state() {
        return state;
    }

    protected void become(WorkerState next) {
        if (!state.leadsTo(next)) {
            throw new IllegalStateException("worker " + id + " cannot become " + next + ": it is " + state);
        }
        state = next;
        note(shownState());
    }

    @Override
    public String shownState() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    public boolean isStarting() {
        return state == WorkerState.STARTING;
    }

    public boolean isOn() {
        return state == WorkerState.ON;
    }

    public boolean isOff() {
        return state == WorkerState.OFF;
    }

    @Override
    public boolean isInService() {
        return isOn() || isOff();
    }

    public boolean isRetiring() {
        return state == WorkerState.RETIRING;
    }

    public boolean hasExited() {
        return state == WorkerState.EXITED;
    }

    /** Adds an event to its history, for {@code worker:info}. */
    public void note(String event) {
        history.add(event);
    }

    protected List<WorkerReport.Event> events() {
        return history.events();
    }

    // ---- its times

    /** The worker is ready for the first time. @return how long that took */
    protected long becomeReady(long now) {
        readyAt = now;
        activeAt = now;
        become(WorkerState.ON);
        return now - startedAt;
    }

    /** Records the number of its requests, and whether it works on one. */
    protected void seen(long requests, boolean busy, long now) {
        if (requests != requestsSeen || busy) {
            requestsSeen = requests;
            activeAt = now;
        }
    }

    /** The number of its requests at the last look. */
    protected long requestsSeen() {
        return requestsSeen;
    }

    @Override
    public long ageNanos() {
        return System.nanoTime() - startedAt;
    }

    @Override
    public long readyNanos() {
        return readyAt == 0 ? 0 : System.nanoTime() - readyAt;
    }

    @Override
    public long idleNanos(long now) {
        return readyAt == 0 ? 0 : now - activeAt;
    }

    // ---- its end

    @Override
    public void killByCommand() {
        killedByCommand = true;
        kill("by command");
    }

    /** Kills the process; the rest follows from its end. */
    public void kill(String why) {
        if (killedBecause == null) {
            killedBecause = why;
            note("killed: " + why);
            LOG.warn("Worker {} (pid {}) is killed: {}", id, pid(), why);
        }
        destroy();
    }

    /** Ends a process that was never ready, without counting a death. */
    protected void discard(String why) {
        killedBecause = why;
        LOG.info("Worker {} (pid {}) is ended while it starts: {}", id, pid(), why);
        destroy();
    }

    protected boolean isKilled() {
        return killedBecause != null;
    }

    /** Whether it lives, and was not killed. */
    public boolean isAlive() {
        return !hasExited() && !isKilled();
    }

    /**
     * Reports the end of the process on the event loop, once it has ended. Where it was never ready, its last words are
     * mostly the reason: then its output is read first.
     */
    public void whenEnded(Consumer<WorkerEnd> told) {
        process.onExit()
                .thenAccept(ended -> loop.execute(() -> {
                    if (readyAt == 0) {
                        output().lastOfAll()
                                .thenAccept(last -> loop.execute(() -> told.accept(end(ended.exitValue(), last))));
                    } else {
                        told.accept(end(ended.exitValue(), output().last()));
                    }
                }));
    }

    private WorkerEnd end(int exitStatus, String last) {
        String status = "exit status " + exitStatus + (last.isEmpty() ? "" : ", last output: " + last);
        return new WorkerEnd(isClean(exitStatus), words(status), killedByCommand);
    }

    /** The manner of its end, for people. @param status the system's exit status */
    protected String words(String status) {
        return killedBecause == null ? status : "killed, " + killedBecause;
    }

    // ---- what it is

    @Override
    public String id() {
        return id;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public Lifetime lifetime() {
        return lifetime;
    }

    @Override
    public String toString() {
        return id;
    }
}
