package org.handoff.lrwp.cgi;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A CGI program that runs. What it writes wakes up a selector. */
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

    /** A closed selector must not be touched: its descriptor may be another's. */
    private synchronized void wakeUp(Selector selector) {
        if (!closed) {
            selector.wakeup();
        }
    }

    /** Waits for its end, but for no longer than that. */
    void awaitEnd(long nanoseconds) throws IOException {
        try {
            process.waitFor(nanoseconds, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException(e.getMessage());
        }
    }

    /** From now on its end wakes up the selector. */
    void watch(Selector selector) {
        process.onExit().thenRun(() -> wakeUp(selector));
    }

    /** Whether it has ended: then it has written all that it is going to write. */
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

    /** Takes of its output what is there. @return whether there was something */
    boolean read(Answer answer) throws IOException {
        return output.read(answer::read);
    }

    /** Prints what it has written to standard error. @return whether there was something */
    boolean readErrors() throws IOException {
        return errors.read(lines::read);
    }

    /** Kills it with all that it has started. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Lets go of its output; what it has left in the background runs on. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        lines.end();
        output.close();
        errors.close();
    }
}
