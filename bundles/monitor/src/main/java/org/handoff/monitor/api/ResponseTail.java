package org.handoff.monitor.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

import org.osgi.annotation.versioning.ConsumerType;

/** The unwritten bytes of a response whose holder has ended. Everything here happens on the monitor's loop. */
@ConsumerType
public interface ResponseTail extends Closeable {

    /** The number of bytes. */
    long length();

    /** The memory that the tail uses while open, in bytes: the monitor bounds that for all connections together. */
    int memory();

    /**
     * Reads a piece.
     *
     * @param offset of the piece in the tail
     * @param into is filled from its position to its limit, which is not behind the tail's end
     * @throws IOException if the bytes are not there
     */
    void read(long offset, ByteBuffer into) throws IOException;
}
