package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.handoff.worker.pool.internal.supervision.LastOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The standard output and error of a pool's process of any kind: carried into Karaf's log line by line, on a thread of
 * its own, within a budget. Lines beyond that are counted, and the log has the count instead.
 */
public final class WorkerOutput implements LastOutput {

    /** The lines of workers, each with the worker's id. */
    private static final Logger OUTPUT = LoggerFactory.getLogger("org.handoff.worker.output");

    private static final Logger LOG = LoggerFactory.getLogger(WorkerOutput.class);

    /** A longer line comes in parts: a worker that ends no line must not fill Karaf's memory. */
    private static final int LINE = 8 * 1024;

    /** The beginning of a line that warns, as systemd's journal knows it, sd-daemon(3). */
    private static final String WARNING = "<4>";

    private static final Executor IN_A_SECOND = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

    private final String id;
    private final OutputBudget budget;
    private final Consumer<String> log;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile boolean expected;
    private byte[] last = {};
    private long droppedLines;
    private long droppedBytes;

    /** @throws OutOfMemoryError if the system has no thread for it */
    public WorkerOutput(String id, Process process) {
        this(id, OutputBudget.ofWorker(), line -> print(id, line));
        Thread thread = new Thread(() -> carryAll(process.getInputStream()), "handoff-output-" + id);
        thread.setDaemon(true);
        thread.start();
    }

    /** @param log gets the lines */
    public WorkerOutput(String id, OutputBudget budget, Consumer<String> log) {
        this.id = id;
        this.budget = budget;
        this.log = log;
    }

    private static void print(String id, String line) {
        if (line.startsWith(WARNING)) {
            OUTPUT.warn("[{}] {}", id, words(line));
        } else {
            OUTPUT.info("[{}] {}", id, line);
        }
    }

    private static String words(String line) {
        return line.startsWith(WARNING) ? line.substring(WARNING.length()) : line;
    }

    /** The last line that was not empty: if a worker could not start, that is mostly the reason. */
    @Override
    public synchronized String last() {
        return words(text(last));
    }

    /**
     * Completes with the last line when the output has ended; after 5 s with the last one so far, as the process may
     * have left its output to a child that lives on.
     */
    @Override
    public CompletableFuture<String> lastOfAll() {
        return end.copy().completeOnTimeout(null, 5, TimeUnit.SECONDS).thenApply(ended -> last());
    }

    /** The next lines were asked for, as a thread dump is, and get a full budget. */
    public void expect() {
        expected = true;
    }

    /** Carries all that the process itself writes. */
    void carryAll(InputStream output) {
        carry(output);
        end.complete(null);
    }

    /** Carries lines until the end of an output: the process's own, or that of a program which dumps it. */
    void carry(InputStream output) {
        byte[] bytes = new byte[LINE];
        byte[] line = new byte[LINE];
        int length = 0;
        try (output) {
            for (int count = output.read(bytes); count >= 0; count = output.read(bytes)) {
                for (int i = 0; i < count; i++) {
                    if (bytes[i] == '\n' || length == LINE) {
                        line(line, length);
                        length = 0;
                    }
                    if (bytes[i] != '\n') {
                        line[length++] = bytes[i];
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("the output of {} ends", id, e);
        }
        line(line, length);
        count();
    }

    private synchronized void line(byte[] line, int length) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        if (isBlank(line, end)) {
            return;
        }
        last = Arrays.copyOf(line, end);
        if (expected) {
            expected = false;
            count();
            budget.refill();
        }
        if (droppedLines == 0 && budget.takes(end, System.nanoTime())) {
            log.accept(text(last));
            return;
        }
        // After a dropped line all further ones are dropped until the count is in the log.
        if (droppedLines++ == 0) {
            IN_A_SECOND.execute(this::count);
        }
        droppedBytes += length;
    }

    private static boolean isBlank(byte[] line, int end) {
        for (int i = 0; i < end; i++) {
            if (line[i] != ' ' && line[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    /** Logs the number of dropped lines, if there are any. */
    private synchronized void count() {
        if (droppedLines > 0) {
            log.accept("… " + droppedLines + " lines of " + droppedBytes + " bytes are dropped: it writes more than "
                    + "the log takes");
            droppedLines = 0;
            droppedBytes = 0;
        }
    }

    private static String text(byte[] line) {
        return VisibleText.of(new String(line, StandardCharsets.UTF_8));
    }
}
