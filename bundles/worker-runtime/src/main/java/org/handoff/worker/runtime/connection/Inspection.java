package org.handoff.worker.runtime.connection;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers each question of the monitor about the contents of the framework, whatever comes of it. */
final class Inspection {

    private static final Logger LOG = LoggerFactory.getLogger(Inspection.class);

    private final Function<Inspect.Subject, List<List<String>>> contents;

    /** @param contents tells the rows of a table; on any thread */
    Inspection(Function<Inspect.Subject, List<List<String>>> contents) {
        this.contents = contents;
    }

    /**
     * Asks on a thread of its own, as a service of a bundle may hang.
     *
     * @param answer gets the frames, on that thread or the caller's
     */
    void ask(Inspect.Subject subject, Consumer<List<Frame>> answer) {
        Thread thread = new Thread(() -> answer.accept(Inspected.frames(rows(subject))), "inspection");
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            // The system has no thread for it.
            answer.accept(Inspected.frames(unknown(e)));
        }
    }

    private List<List<String>> rows(Inspect.Subject subject) {
        try {
            return contents.apply(subject);
        } catch (RuntimeException | LinkageError e) {
            LOG.error("The framework's contents cannot be told", e);
            return unknown(e);
        }
    }

    private static List<List<String>> unknown(Throwable fault) {
        return List.of(List.of("This cannot be told now: " + fault));
    }
}
