package org.handoff.worker.pool.internal.output;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.handoff.worker.pool.internal.supervision.LastOutput;
import org.handoff.worker.protocol.log.EntryReader;
import org.handoff.worker.protocol.log.LogEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The standard output and error of a pool's process of any kind: carried into Karaf's log, lines and log entries in their
 * order, on a thread of its own, within a budget. What is beyond that is counted, and the log has the count instead.
 */
public final class WorkerOutput implements LastOutput {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerOutput.class);

    /** A longer line comes in parts: a worker that ends no line must not fill Karaf's memory. */
    private static final int LINE = 8 * 1024;

    /** The beginning of a line that warns, as systemd's journal knows it, sd-daemon(3). */
    private static final String WARNING = "<4>";

    private static final Executor IN_A_SECOND = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

    private final String id;
    private final OutputBudget budget;
    private final Log log;
    private final EntryReader entries;
    private final LastLines lines = new LastLines();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile boolean expected;
    /** Free to read while the log is slow. */
    private volatile String last = "";
    /** The words of the last one that was dropped; made once a second, as a flood has many. */
    private Supplier<String> lastDropped;

    private long droppedLines;
    private long droppedBytes;

    /** Gets what a process prints. */
    public interface Log {

        /** A line, which is visible text. */
        void line(String line);

        /** A log entry, whose texts are visible. */
        default void entry(LogEntry entry) {
            line(EntryForPeople.words(entry));
        }
    }

    /**
     * Begins to carry a process's output.
     *
     * @param mark that of its log entries; null if it makes none
     * @throws OutOfMemoryError if the system has no thread for it
     */
    public WorkerOutput(String id, Process process, String mark) {
        this(id, OutputBudget.ofWorker(), new KarafLog(id), mark);
        Thread thread = new Thread(() -> carryAll(process.getInputStream()), "handoff-output-" + id);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * @param log gets the lines and entries
     * @param mark as above
     */
    public WorkerOutput(String id, OutputBudget budget, Log log, String mark) {
        this.id = id;
        this.budget = budget;
        this.log = log;
        this.entries = mark == null ? null : new EntryReader(mark);
    }

    static boolean warns(String line) {
        return line.startsWith(WARNING);
    }

    static String words(String line) {
        return warns(line) ? line.substring(WARNING.length()) : line;
    }

    @Override
    public String last() {
        return last;
    }

    /**
     * Completes with the last line when the output has ended; after 5 s with the last one so far, as the process may
     * have left its output to a child that lives on.
     */
    @Override
    public CompletableFuture<String> lastOfAll() {
        return end.copy().completeOnTimeout(null, 5, TimeUnit.SECONDS).thenApply(ended -> last());
    }

    @Override
    public List<String> lines() {
        return lines.lines();
    }

    /** The next lines were asked for, as a thread dump is, and get a full budget. */
    public void expect() {
        expected = true;
    }

    /** Carries all that the process itself writes. */
    void carryAll(InputStream output) {
        carry(output, entries);
        if (entries != null) {
            breakOff(entries);
        }
        count();
        end.complete(null);
    }

    /** Carries the lines of a program which dumps the process. */
    public void carry(InputStream output) {
        carry(output, null);
        count();
    }

    private void carry(InputStream output, EntryReader reader) {
        byte[] bytes = new byte[LINE];
        byte[] line = new byte[LINE];
        int length = 0;
        try (output) {
            for (int count = output.read(bytes); count >= 0; count = output.read(bytes)) {
                for (int i = 0; i < count; i++) {
                    if (bytes[i] == '\n' || length == LINE) {
                        line(line, length, reader);
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
        line(line, length, reader);
    }

    private synchronized void line(byte[] line, int length, EntryReader reader) {
        if (reader == null) {
            plain(line, length);
            return;
        }
        EntryReader.Line kind = reader.read(line, length);
        incomplete(reader.takeBroken());
        switch (kind) {
            case PLAIN -> plain(line, length);
            case ENTRY -> entry(reader.size(), reader.take());
            case PART -> {
                // The rest comes.
            }
        }
    }

    private synchronized void breakOff(EntryReader reader) {
        reader.breakOff();
        incomplete(reader.takeBroken());
    }

    private void incomplete(int length) {
        if (length > 0) {
            put(length, () -> "… " + length + " bytes of a log entry are dropped: the others have not come");
        }
    }

    private void plain(byte[] line, int length) {
        int to = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        if (isBlank(line, to)) {
            return;
        }
        byte[] text = Arrays.copyOf(line, to);
        put(to, () -> text(text));
    }

    /** Puts a line into the log. @param length its number of bytes */
    private void put(int length, Supplier<String> text) {
        if (!takes(length)) {
            drop(length, () -> words(text.get()));
            return;
        }
        String line = text.get();
        last = words(line);
        log.line(line);
        lines.add(EntryForPeople.now(line));
    }

    private void entry(int length, byte[] text) {
        if (!takes(length)) {
            drop(length, () -> visible(text).map(EntryForPeople::words).orElse(noEntry(length)));
            return;
        }
        Optional<LogEntry> made = visible(text);
        last = made.map(EntryForPeople::words).orElse(noEntry(length));
        made.ifPresentOrElse(log::entry, () -> log.line(last));
        lines.add(made.map(EntryForPeople::of).orElse(EntryForPeople.now(last)));
    }

    private static Optional<LogEntry> visible(byte[] text) {
        return EntryReader.parse(text).map(VisibleEntry::of);
    }

    private static String noEntry(int length) {
        return "… a log entry of " + length + " bytes is dropped: it is too long, or malformed";
    }

    /** Whether something of this number of bytes is for the log, and not dropped. */
    private boolean takes(int length) {
        if (expected) {
            expected = false;
            count();
            budget.refill();
        }
        // After a dropped line all further ones are dropped until the count is in the log.
        return droppedLines == 0 && budget.takes(length, System.nanoTime());
    }

    /** Counts something instead of logging it. @param words what it says */
    private void drop(int length, Supplier<String> words) {
        lastDropped = words;
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
            last = lastDropped.get();
            String count = "… " + droppedLines + " lines of " + droppedBytes
                    + " bytes are dropped: it writes more than the log takes";
            log.line(count);
            lines.add(EntryForPeople.now(count));
            droppedLines = 0;
            droppedBytes = 0;
        }
    }

    private static String text(byte[] line) {
        return VisibleText.of(new String(line, StandardCharsets.UTF_8));
    }
}
