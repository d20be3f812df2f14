package org.handoff.lrwp.cgi;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running program, and its output on its way to the agent. The beginning of the document waits a moment, about as
 * long as the program took for its first output: most programs have ended by then, so that the response has a length,
 * and a failure becomes an error for the client. Later output goes at once.
 */
final class CgiExchange {

    /** The unit of that moment, which is one to six of these. */
    private static final long WAIT = TimeUnit.MILLISECONDS.toNanos(3);

    private static final int MOST_WAITS = 6;
    /** Most programs have ended by then. The end of a longer one wakes the selector, which costs a thread. */
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Pattern END_OF_HEAD = Pattern.compile("\n\r?\n");
    /** A status from here on means: could not be started, was killed by a signal, or Perl's die. */
    private static final int FATAL = 126;
    /** No pipe holds more; endless output of programs in the background is not waited for. */
    private static final int MOST_READS = 64;
    /** The prefix of programs that write HTTP's status line themselves (RFC 3875, section 5.1). */
    private static final String STATUS_ITSELF = "nph-";

    private final Path file;
    private final Program program;
    private final Wire wire;
    private final Answer answer;
    private final Duration total;
    private final Duration silent;
    private final long started = System.nanoTime();
    private long spoke = started;
    /**
     * How often its end was waited for before the first byte of its document left; negative before its first output.
     */
    private int waits = -1;

    private boolean watched;
    private boolean over;

    CgiExchange(Path file, Program program, Wire wire, Answer answer, Duration total, Duration silent) {
        this.file = file;
        this.program = program;
        this.wire = wire;
        this.answer = answer;
        this.total = total;
        this.silent = silent;
    }

    /** @throws IOException if the agent's connection has ended */
    void run() throws IOException {
        await();
        while (!over) {
            // Before reading: all output from before the program's end is read below.
            boolean ended = program.hasEnded();
            boolean read = program.readErrors() | read();
            if (ended) {
                finish();
            } else if (wire.isCancelled()) {
                program.kill();
                answer.breakOff();
                over = true;
            } else if (isAboutToEnd()) {
                program.awaitEnd(WAIT);
            } else if (isTimeToBegin()) {
                begin();
                answer.flush();
            } else if (!read && !isLate()) {
                await();
            }
        }
    }

    /** Reads available output, and sends it if it cannot wait. @return whether there was any */
    private boolean read() throws IOException {
        boolean read = program.read(answer);
        if (read) {
            spoke = System.nanoTime();
        }
        if (answer.isBegun() || answer.isFull()) {
            begin();
            answer.flush();
        }
        return read;
    }

    /**
     * Whether its end is likelier to be next than more output: waiting only for the end does not wake for each line.
     */
    private boolean isAboutToEnd() {
        if (waits < 0 && (!answer.isEmpty() || program.isSilent())) {
            waits = (int) Math.max(1, Math.min(MOST_WAITS, (System.nanoTime() - started) / WAIT));
        }
        if (answer.isBegun() || waits <= 0) {
            return false;
        }
        waits--;
        return true;
    }

    private boolean isTimeToBegin() {
        return waits == 0 && !answer.isBegun() && hasDocument();
    }

    /** Whether its header is complete; the agent checks the content. */
    private boolean hasHead() {
        return END_OF_HEAD.matcher(answer.text()).find();
    }

    /** Whether there is a byte of the document too. A header alone may wait. */
    private boolean hasDocument() {
        String text = answer.text();
        Matcher end = END_OF_HEAD.matcher(text);
        return end.find() && end.end() < text.length();
    }

    /** Turns HTTP's status line of a program into CGI's. */
    private void begin() {
        if (!answer.isBegun() && file.getFileName().toString().startsWith(STATUS_ITSELF)) {
            answer.replace(answer.text().replaceFirst("^HTTP/\\d\\.\\d ", "Status: "));
        }
    }

    private void await() throws IOException {
        long now = System.nanoTime();
        long end = spoke + silent.toNanos();
        if (!total.isZero()) {
            end = Math.min(end, started + total.toNanos());
        }
        if (!watched && (waits >= 0 || now - started >= LONG)) {
            watched = true;
            program.watch(wire.selector());
        } else if (!watched) {
            end = Math.min(end, started + LONG);
        }
        Selector selector = wire.selector();
        selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - now)));
        selector.selectedKeys().clear();
    }

    /** Ends a program that has exceeded its time limit. */
    private boolean isLate() throws IOException {
        long now = System.nanoTime();
        boolean tooLong = !total.isZero() && now - started - total.toNanos() >= 0;
        if (!tooLong && now - spoke - silent.toNanos() < 0) {
            return false;
        }
        program.kill();
        Log.warn(file
                + (tooLong
                        ? ": killed: it has not ended within " + total.toSeconds() + " s (request.timeout)"
                        : ": killed: it has written nothing for " + silent.toSeconds() + " s (peer.timeout)"));
        fail(504);
        return true;
    }

    private void finish() throws IOException {
        for (int i = 0; i < MOST_READS && read(); i++) {
            // Reads until the pipe is empty.
        }
        while (program.readErrors()) {
            // Likewise.
        }
        int status = program.status();
        boolean answered = answer.isBegun() || hasHead();
        if (status != 0 || !answered) {
            Log.warn(file + ": exit status " + status + (answered ? "" : ", and no CGI header"));
        }
        if (!answered || status >= FATAL) {
            fail(502);
            return;
        }
        begin();
        answer.complete();
        over = true;
    }

    private void fail(int status) throws IOException {
        over = true;
        if (answer.isBegun()) {
            answer.breakOff();
        } else {
            answerError(answer, status);
        }
    }

    static void answerError(Answer answer, int status) throws IOException {
        answer.replace("Status: " + status + "\r\nContent-Type: text/plain\r\n\r\n" + status + "\n");
        answer.complete();
    }
}
