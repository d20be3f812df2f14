package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

import org.handoff.worker.pool.internal.config.NativeSettings;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;
import org.handoff.worker.protocol.ProtocolException;

/** The questions to one Java worker about the contents of its framework, one at a time. On the event loop only. */
final class WorkerInspection {

    private record Question(Inspect.Subject subject, CompletableFuture<Inspected> answer) {}

    private final String worker;
    private final NativeSettings program;
    private final Queue<Question> questions = new ArrayDeque<>();
    /** The answer to the first question, as far as it has come. */
    private Inspected table;

    private ControlChannel channel;

    /** @param program what runs in place of a framework, or null */
    WorkerInspection(String worker, NativeSettings program) {
        this.worker = worker;
        this.program = program;
    }

    /**
     * Asks the worker.
     *
     * @return a table, completed on the loop; exceptionally if the worker ends before
     * @throws IllegalArgumentException if it has no framework
     */
    CompletableFuture<Inspected> ask(Inspect.Subject subject, ControlChannel control) {
        if (program != null) {
            throw new IllegalArgumentException(
                    "worker " + worker + " is the program " + program.command().get(0) + ", which contains no bundles");
        }
        channel = control;
        Question question = new Question(subject, new CompletableFuture<>());
        questions.add(question);
        if (questions.size() == 1) {
            askFirst();
        }
        return question.answer();
    }

    private void askFirst() {
        table = new Inspected();
        channel.send(new Inspect(questions.element().subject()).frame());
    }

    /** @throws ProtocolException if nothing was asked, or the answer is too large */
    void answered(Frame frame) throws ProtocolException {
        if (questions.isEmpty()) {
            throw new ProtocolException("not asked for " + frame);
        }
        if (table.add(frame)) {
            questions.remove().answer().complete(table);
            table = null;
            if (!questions.isEmpty()) {
                askFirst();
            }
        }
    }

    /** The worker has ended. */
    void ended() {
        IOException gone = new IOException("worker " + worker + " has ended");
        questions.forEach(question -> question.answer().completeExceptionally(gone));
        questions.clear();
    }
}
