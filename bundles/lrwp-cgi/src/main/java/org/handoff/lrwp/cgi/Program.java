package org.handoff.lrwp.cgi;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A running CGI program. Its output wakes up a selector. */
final class Program implements Closeable {

    private final Process process;
    private final OutputPipe output;
    private final OutputPipe errors;
    private final ErrorLines lines;
    private boolean closed;

    private Program(Process process, OutputPipe output, OutputPipe errors, String name) {
        this.process = process;
        this.output = output;
        this.errors = errors;
        this.lines = new ErrorLines(name);
    }

    /** @throws IOException if it cannot be started */
    static Program start(Path file, Path directory, Map<String, String> environment, File input, Selector selector)
            throws IOException {
        OutputPipe output = new OutputPipe(selector);
        OutputPipe errors = new OutputPipe(selector);
        try {
            ProcessBuilder builder = new ProcessBuilder(file.toString())
                    .directory(directory.toFile())
                    .redirectInput(input)
                    .redirectOutput(output.file())
                    .redirectError(errors.file());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            output.passed();
            errors.passed();
            return new Program(process, output, errors, file.getFileName().toString());
        } catch (IOException e) {
            output.close();
            errors.close();
            throw e;
        }
    }

    /** A closed selector must not be touched: another file may have its descriptor. */
    private synchronized void wakeUp(Selector selector) {
        if (!closed) {
            selector.wakeup();
        }
    }

    /** Waits for its end, at most for this time. */
    void awaitEnd(long nanoseconds) throws IOException {
        try {
            process.waitFor(nanoseconds, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException(e.getMessage());
        }
    }

    /** Lets its end wake up the selector. */
    void watch(Selector selector) {
        process.onExit().thenRun(() -> wakeUp(selector));
    }

    /** Whether it has ended: then it writes nothing more. */
    boolean hasEnded() {
        return !process.isAlive();
    }

    /** Whether it has closed its outputs. */
    boolean isSilent() {
        return output.isEnded() && errors.isEnded();
    }

    int status() {
        return process.exitValue();
    }

    /** Reads its available output. @return whether there was any */
    boolean read(Answer answer) throws IOException {
        return output.read(answer::read);
    }

    /** Prints its standard error. @return whether there was any */
    boolean readErrors() throws IOException {
        return errors.read(lines::read);
    }

    /** Kills it with all its descendants. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Closes the pipes; programs that it has left in the background run on. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        lines.end();
        output.close();
        errors.close();
    }
}
