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

    /**
     * The largest number of bytes that a connection can be given back with, beside those in a file: with more it ends.
     */
    int MOST_UNUSED = 128 * 1024;

    /** Told about a connection that was handed off. */
    @FunctionalInterface
    interface Holder {

        /** The connection has ended: the client or the process that held it hung up. Called once, on the loop. */
        void closed(Connection connection);
    }

    /** Unique as long as the monitor lives, and greater than 0. */
    long id();

    /** False after the client has gone: a queue may drop the connection then. */
    boolean isOpen();

    /** The descriptor's number, to pass to another process. Valid while the connection is open. */
    int descriptor();

    /**
     * The bytes that were read and not used, as a read-only view; the file is the connection's. Still there after
     * {@link #handedOff}, so that the connection can be handed to another process if the first one does not take it, or
     * dies before.
     */
    UnusedBytes unused();

    /** The context by which its request was routed to the target; null where the request has not been read. */
    default RoutedContext context() {
        return null;
    }

    /**
     * Another process has the descriptor now. The monitor does not read from the connection until it is given back.
     *
     * @param holder told when the connection ends; not told after the connection was given back or not taken, answered
     *        or cut
     */
    void handedOff(Holder holder);

    /**
     * The other process did not take the connection, and has read nothing: the connection is offered as before {@link
     * #handedOff}, to be handed to another process, or answered.
     */
    void notTaken();

    /**
     * Counts the memory that a target uses for the connection in this process, beside the bytes that it gives back: the
     * monitor bounds the memory of all connections together. To be set to zero in the end, in any case.
     *
     * @param bytes in place of the former number
     */
    void keeps(int bytes);

    /**
     * Takes the connection back, between two responses: it is parked until its next request, and then routed.
     *
     * @param unused the bytes that were read beyond the last request, with {@link #MOST_UNUSED} in memory at most,
     *        which are copied. The file may be that of {@link #unused}; any other file belongs to the connection from
     *        here on, even if the connection has ended
     */
    void giveBack(UnusedBytes unused);

    /**
     * Takes the connection back as it was offered, as no other process has read from it, or written to it: it is
     * routed once more.
     */
    void giveBackUnchanged();

    /**
     * Takes the connection back because its next request is not for this target. It is routed by its request; if it
     * comes to this same target again and is foreign again, the monitor answers 404.
     *
     * @param unused the bytes from the request's first on, as for {@link #giveBack}
     */
    void reroute(UnusedBytes unused);

    /**
     * The progress of a connection whose holder has died, as the kernel counts it.
     *
     * @param position the number of the client's bytes that the holder and those before it have read
     * @param written the number of bytes that all processes have written to the client since the connection began
     */
    record Progress(long position, long written) {}

    /**
     * Asks the kernel for the progress of the connection, after its holder has ended, and has it send what the holder
     * made it hold back ({@code TCP_CORK}).
     *
     * @throws IOException if it cannot be determined: the client has gone
     */
    Progress progress() throws IOException;

    /**
     * Takes the connection back from a holder that has ended with a response half written, and writes its tail, as fast
     * as the client takes it.
     *
     * @param tail the unwritten bytes of the response, maybe none; closed by the connection in any case
     * @param keep whether the connection is kept after it; otherwise it ends
     * @param patience how long the client may take nothing of it; then the connection is cut
     * @param unused as for {@link #giveBack}
     */
    void complete(ResponseTail tail, boolean keep, Duration patience, UnusedBytes unused);

    /**
     * Answers the present request with an error status; then the connection ends, unless the monitor has read all of
     * the request. A connection that was offered unread has no request yet: the monitor reads one, and offers the
     * connection again with it.
     *
     * @param status 400 to 599; 503 comes with {@code Retry-After} of a second
     */
    void answer(int status);

    /**
     * Answers 503, as {@link #answer} does, and tells the client when to try again.
     *
     * @param retryAfterSeconds 1 or more
     */
    void unavailable(int retryAfterSeconds);

    /**
     * Ends the connection without an answer; by a reset if another process has written to it, so that half a response
     * never looks complete.
     */
    void cut();
}
