package org.handoff.lrwp.cgi;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * A pipe for a program's output, whose other end a selector can watch, unlike the JDK's streams of a process. Programs
 * left in the background may write on; their output is not waited for.
 */
final class OutputPipe implements Closeable {

    private static final Method DESCRIPTOR = descriptor();

    private final Pipe pipe;

    OutputPipe(Selector selector) throws IOException {
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        pipe.source().register(selector, SelectionKey.OP_READ);
    }

    /** The JDK has no other way to a channel's descriptor; the package is opened on the command line. */
    private static Method descriptor() {
        try {
            return Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java's channels have no descriptors", e);
        }
    }

    /** The end to write to, as a file that can be opened by this process. */
    File file() throws IOException {
        return new File("/proc/self/fd/" + number(pipe.sink()));
    }

    private static int number(Channel channel) throws IOException {
        try {
            return (int) DESCRIPTOR.invoke(channel);
        } catch (ReflectiveOperationException e) {
            throw new IOException(
                    "the descriptor of a pipe cannot be had: start the CGI wrapper with --add-exports="
                            + "java.base/sun.nio.ch=ALL-UNNAMED",
                    e);
        }
    }

    /**
     * The program has its end of the pipe: this process closes its own copy, so that the program's end is the end of
     * the output.
     */
    void passed() throws IOException {
        pipe.sink().close();
    }

    /** A reader of the output. */
    interface Reader {

        /** @return the number of bytes read, or -1 at the end */
        int read(Pipe.SourceChannel source) throws IOException;
    }

    /** Reads the available output. @return whether there was any */
    boolean read(Reader reader) throws IOException {
        int got = isEnded() ? 0 : reader.read(pipe.source());
        if (got < 0) {
            // A pipe at its end would wake up the selector again and again.
            pipe.source().close();
        }
        return got > 0;
    }

    /** Whether the output was read to its end. */
    boolean isEnded() {
        return !pipe.source().isOpen();
    }

    @Override
    public void close() throws IOException {
        pipe.sink().close();
        pipe.source().close();
    }
}
