package org.handoff.monitor.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

import org.handoff.http.message.HeadReader;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that were read of a connection and not used: the beginning in a file, if there are many, and the rest. The
 * rest is in memory, and counted there; to free memory it can be moved to another file, as long as it is only kept. On
 * the event loop only.
 */
final class ReceivedBytes {

    private static final Logger LOG = LoggerFactory.getLogger(ReceivedBytes.class);

    private static final byte[] NOTHING = {};

    private final Memory memory;
    /** Closed here, in the end or when another takes its place. */
    private SpilledBytes spilled;

    private byte[] bytes = NOTHING;
    private int length;
    /** The file with the bytes moved out of memory, in a slot; or null. */
    private ReliefFile relief;

    private int slot;
    /** As {@link UnusedBytes#position}. */
    private long position;
    /** Reads the head of the first request; null before that. */
    private HeadReader reader;
    /** The reason why the file's bytes cannot be read; null if they can. */
    private IOException unreadable;

    ReceivedBytes(Memory memory) {
        this.memory = memory;
    }

    boolean isEmpty() {
        return length == 0 && spilled == null && unreadable == null;
    }

    /** Whether some of them were in a file that cannot be read. */
    boolean isUnreadable() {
        return unreadable != null;
    }

    /** Whether some of them are in a file. */
    boolean isSpilled() {
        return spilled != null;
    }

    /** As {@link Connection#unused}. */
    UnusedBytes view() {
        return new UnusedBytes(spilled, ByteBuffer.wrap(array(), 0, length).asReadOnlyBuffer(), position);
    }

    private byte[] array() {
        if (relief == null) {
            return bytes;
        }
        try {
            return relief.read(slot, length);
        } catch (IOException e) {
            throw new UncheckedIOException("the first bytes of a request cannot be read again", e);
        }
    }

    /** Keeps these bytes in memory instead of the former ones, in memory or in the relief file. */
    private void hold(byte[] next) {
        memory.add(next.length - bytes.length);
        bytes = next;
        if (relief != null) {
            try {
                relief.free(slot);
            } catch (IOException e) {
                LOG.warn("Cannot truncate the file with the first bytes of requests", e);
            }
            relief = null;
        }
    }

    /**
     * Moves the bytes in memory to a file, until they are asked for.
     *
     * @throws IOException if the file has no room: the bytes stay in memory
     */
    void relieve(ReliefFile file) throws IOException {
        if (length > 0 && relief == null) {
            int written = file.write(bytes, length);
            hold(NOTHING);
            relief = file;
            slot = written;
        }
    }

    /** Adds bytes just read from the connection. */
    void read(ByteBuffer more) {
        if (position != UnusedBytes.UNKNOWN) {
            position += more.remaining();
        }
        append(more);
    }

    private void append(ByteBuffer rest) {
        int more = rest.remaining();
        if (more > 0) {
            if (length + more > bytes.length) {
                hold(Arrays.copyOf(
                        bytes,
                        Math.max(length + more, length == 0 ? 0 : Math.min(2 * bytes.length, Connections.BUFFER))));
            }
            rest.get(bytes, length, more);
            length += more;
        }
    }

    /**
     * The head of the first request.
     *
     * @return null if it is not complete
     * @throws MalformedRequestException as {@link HeadReader#read}
     * @throws IOException if the file cannot be read
     */
    HeadReader.Head head() throws MalformedRequestException, IOException {
        if (unreadable != null) {
            throw unreadable;
        }
        if (reader == null) {
            reader = new HeadReader();
        }
        if (spilled != null) {
            byte[] first = first();
            return reader.read(first, first.length);
        }
        return reader.read(bytes, length);
    }

    /** Whether the head of the first request was looked at here. */
    boolean isHeadBegun() {
        return reader != null;
    }

    /** Whether the first request is a HEAD request, as far as it was read. */
    boolean isHead() {
        return reader != null && reader.isHead();
    }

    /** Whether there are as many bytes as a head may have. */
    boolean isFull() {
        return spilled != null || length >= Connections.BUFFER;
    }

    /** The first bytes, as many as a head may have. */
    private byte[] first() throws IOException {
        int count = (int) Math.min(spilled.length(), Connections.BUFFER);
        byte[] first = Arrays.copyOf(spilled.first(count).array(), Math.min(count + length, Connections.BUFFER));
        System.arraycopy(bytes, 0, first, count, first.length - count);
        return first;
    }

    /** Drops the first request, which has no byte in a file. */
    void skip(int count) {
        hold(Arrays.copyOfRange(array(), count, length));
        length = bytes.length;
        reader = null;
    }

    /** Whether these bytes begin with the very same request as those here. */
    boolean beginAs(UnusedBytes other) {
        if (other.spilled() == null && spilled == null) {
            ByteBuffer rest = other.rest();
            return length > 0
                    && rest.remaining() >= length
                    && view().rest().equals(rest.slice(rest.position(), length));
        }
        long first = position - length - (spilled == null ? 0 : spilled.length());
        return !isEmpty() && other.position() != UnusedBytes.UNKNOWN && other.first() == first;
    }

    /**
     * Replaces the bytes. If they are to be taken out of a file, and cannot be read, {@link #head} says so.
     *
     * @param next closed here in the end; those in memory are copied
     */
    void replace(UnusedBytes next) {
        // May be a view of the bytes here.
        ByteBuffer rest = next.rest().duplicate();
        clearMemory();
        position = next.position();
        if (next.spilled() == null || next.length() > Connections.BUFFER) {
            spilled(next.spilled());
            append(rest);
            return;
        }
        // A small request after all, maybe with an incomplete head, which is read on here.
        try {
            append(next.spilled().first((int) next.spilled().length()));
        } catch (IOException e) {
            unreadable = e;
        }
        append(rest);
        spilled(null);
        next.close();
    }

    void clear() {
        spilled(null);
        clearMemory();
    }

    private void clearMemory() {
        hold(NOTHING);
        length = 0;
        reader = null;
        unreadable = null;
    }

    private void spilled(SpilledBytes next) {
        if (spilled != null && (next == null || next.file() != spilled.file())) {
            new UnusedBytes(spilled, ByteBuffer.wrap(NOTHING), position).close();
        }
        spilled = next;
    }
}
