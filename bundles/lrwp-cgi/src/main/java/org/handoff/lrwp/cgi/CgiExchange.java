package org.handoff.lrwp.cgi;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that runs, and its output on its way to the agent. The first of its document waits a moment, about as long
 * as the program took to write something: most programs have ended by then, so that their answer has a length, and
 * their failure is an error for the client. From then on all goes on as it comes.
 */
final class CgiExchange {

    /** The moment is one to six of these. */
    private static final long WAIT = TimeUnit.MILLISECONDS.toNanos(3);

    private static final int MOST_WAITS = 6;
    /** Most programs have ended by then. To be woken by the end of one that has not costs a thread. */
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Pattern END_OF_HEAD = Pattern.compile("\n\r?\n");
    /** From there on a status says: could not be started, was killed by a signal; or it is Perl's for die. */
    private static final int FATAL = 126;
    /** No pipe holds more; what programs in the background write without an end is not waited for. */
    private static final int MOST_READS = 64;
    /** Programs that write a status line of HTTP themselves have such names (RFC 3875, section 5.1). */
    private static final String STATUS_ITSELF = "nph-";

    private final Path file;
    private final Program program;
    private final Wire wire;
    private final Answer answer;
    private final Duration total;
    private final Duration silent;
    private final long started = System.nanoTime();
    private long spoke = started;
    /** How often its end is waited for before the first of its document leaves; negative until it writes something. */
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
            // Looked at first: all that it has written before its end is read below.
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

    /** Takes what there is of its output, and sends it on if it cannot wait. @return whether there was something */
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

    /** Whether its end is likelier to be next than more output: to wait for that alone does not wake for each line. */
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

    /** Whether its header is complete; the agent looks closer. */
    private boolean hasHead() {
        return END_OF_HEAD.matcher(answer.text()).find();
    }

    /** Whether a byte of the document is there too. A header alone tells nobody anything that cannot wait. */
    private boolean hasDocument() {
        String text = answer.text();
        Matcher end = END_OF_HEAD.matcher(text);
        return end.find() && end.end() < text.length();
    }

    /** What a program says in HTTP's words is said in CGI's. */
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

    /** Ends a program whose time is up. */
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
            // All that its pipe holds.
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
