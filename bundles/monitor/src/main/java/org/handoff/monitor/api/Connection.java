package org.handoff.monitor.api;

import java.io.IOException;
import java.time.Duration;

import org.osgi.annotation.versioning.ProviderType;

/**
 * An accepted client socket, with the bytes that were read from it and not yet used. The monitor owns the descriptor,
 * closes it, and keeps it while another process serves the connection. Everything here happens on the monitor's loop.
 */
@ProviderType
public interface Connection {

    /** The most bytes that a connection can be given back with, beside those in a file: with more it ends. */
    int MOST_UNUSED = 128 * 1024;

    /** Told about a connection that was handed off. */
    @FunctionalInterface
    interface Holder {

        /** The connection has ended: the client or the process that held it hung up. Called once, on the loop. */
        void closed(Connection connection);
    }

    /** Unique as long as the monitor lives, and greater than 0. */
    long id();

    /** False once the client has gone; whoever kept the connection in a queue then forgets it. */
    boolean isOpen();

    /** The descriptor's number, to pass to another process. Valid while the connection is open. */
    int descriptor();

    /**
     * The bytes that were read and not used, as a read-only view; the file is the connection's. Still there after
     * {@link #handedOff}, so that the connection can be handed to another process if the first one does not take it, or
     * dies before.
     */
    UnusedBytes unused();

    /**
     * Another process has the descriptor now. The monitor does not read from the connection until it is given back.
     *
     * @param holder told when the connection ends; not told after it was given back or not taken, answered or cut
     */
    void handedOff(Holder holder);

    /**
     * The other process has not taken it, and has read nothing: the connection is offered as it was before
     * {@link #handedOff}, to be handed to another process, or answered.
     */
    void notTaken();

    /**
     * Counts what a target keeps of the connection in this process, beside what it gives back: the monitor bounds the
     * memory of all connections together. Zero in the end, whatever became of the connection.
     *
     * @param bytes in place of what it said before
     */
    void keeps(int bytes);

    /**
     * Takes the connection back, between two responses: it is parked until its next request, and then routed.
     *
     * @param unused the bytes that were read beyond the last request, with {@link #MOST_UNUSED} in memory at most, which
     *        are copied. The file may be that of {@link #unused}; any other is the connection's to close from here on,
     *        also where that has ended
     */
    void giveBack(UnusedBytes unused);

    /**
     * Takes the connection back because its next request is not for this target. It is routed by its request; if it
     * comes to this same target again and is foreign again, the monitor answers 404.
     *
     * @param unused the bytes from the request's first on, as for {@link #giveBack}
     */
    void reroute(UnusedBytes unused);

    /**
     * How far a connection is whose holder has ended without a word, as the kernel counts it.
     *
     * @param position how many of the client's bytes the holder and those before it have read
     * @param written how many bytes were written to the client since the connection began, by any process
     */
    record Progress(long position, long written) {}

    /**
     * Looks how far the connection is, after its holder has ended.
     *
     * @throws IOException if that cannot be said: the client has gone
     */
    Progress progress() throws IOException;

    /**
     * Takes the connection back from a holder that has ended with a response half written, and writes its tail, as fast
     * as the client takes it.
     *
     * @param tail the unwritten bytes of the response, maybe none; closed by the connection in every case
     * @param keep whether the connection is kept behind it; else it ends
     * @param patience how long the client may take nothing of it; then the connection is cut
     * @param unused as for {@link #giveBack}
     */
    void complete(ResponseTail tail, boolean keep, Duration patience, UnusedBytes unused);

    /**
     * Answers the present request with an error status; then the connection ends, unless the request is one that the
     * monitor has read completely. A connection that was offered before anything was read has no request yet: the
     * monitor reads one, and offers the connection again with it.
     *
     * @param status 400 to 599; with 503 goes {@code Retry-After} of a second
     */
    void answer(int status);

    /**
     * Answers 503, as {@link #answer} does, and says when a further attempt is of use.
     *
     * @param retryAfterSeconds 1 or more
     */
    void unavailable(int retryAfterSeconds);

    /**
     * Ends the connection without an answer; by a reset where another process has written to it, so that half a
     * response never looks whole.
     */
    void cut();
}
