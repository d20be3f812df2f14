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
 * What was read of a connection and not used: the beginning in a file, where it is much, and the rest. The rest is in
 * memory, and counted there; under pressure it can be put into another file, as long as it is only kept. On the event
 * loop only.
 */
final class ReceivedBytes {

    private static final Logger LOG = LoggerFactory.getLogger(ReceivedBytes.class);

    private static final byte[] NOTHING = {};

    private final Memory memory;
    /** Closed here, in the end or when others take its place. */
    private SpilledBytes spilled;

    private byte[] bytes = NOTHING;
    private int length;
    /** Where the bytes are that else were in memory, in a slot; or null. */
    private ReliefFile relief;

    private int slot;
    /** As {@link UnusedBytes#position}. */
    private long position;
    /** Reads the head of the first request; null before that. */
    private HeadReader reader;
    /** Why they cannot be had, where some of them were in a file; null where they can. */
    private IOException unreadable;

    ReceivedBytes(Memory memory) {
        this.memory = memory;
    }

    boolean isEmpty() {
        return length == 0 && spilled == null && unreadable == null;
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

    /** Has these in memory instead of what was there or in the other file. */
    private void hold(byte[] next) {
        memory.add(next.length - bytes.length);
        bytes = next;
        if (relief != null) {
            try {
                relief.free(slot);
            } catch (IOException e) {
                LOG.warn("The file with the first bytes of requests cannot be emptied", e);
            }
            relief = null;
        }
    }

    /**
     * Puts what is in memory into a file, until it is asked for.
     *
     * @throws IOException if that has no room: it stays where it is
     */
    void relieve(ReliefFile file) throws IOException {
        if (length > 0 && relief == null) {
            int written = file.write(bytes, length);
            hold(NOTHING);
            relief = file;
            slot = written;
        }
    }

    /** Adds what was just read from the connection. */
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

    /** Whether anybody here has looked at the first request. */
    boolean isHeadBegun() {
        return reader != null;
    }

    /** Whether the first request is a HEAD request, as far as it was read. */
    boolean isHead() {
        return reader != null && reader.isHead();
    }

    /** Whether there is as much as a head may have. */
    boolean isFull() {
        return spilled != null || length >= Connections.BUFFER;
    }

    /** As many of the first ones as a head may have. */
    private byte[] first() throws IOException {
        int count = (int) Math.min(spilled.length(), Connections.BUFFER);
        byte[] first = Arrays.copyOf(spilled.first(count).array(), Math.min(count + length, Connections.BUFFER));
        System.arraycopy(bytes, 0, first, count, first.length - count);
        return first;
    }

    /** Drops the first request, of which nothing is in a file. */
    void skip(int count) {
        hold(Arrays.copyOfRange(array(), count, length));
        length = bytes.length;
        reader = null;
    }

    /** Whether these bytes begin with the very same request as what is here. */
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
     * Has others instead. Where they are to be taken out of a file, and cannot be read, {@link #head} says so.
     *
     * @param next closed here in the end; those in memory are copied
     */
    void replace(UnusedBytes next) {
        // It may be a view of what is here.
        ByteBuffer rest = next.rest().duplicate();
        clearMemory();
        position = next.position();
        if (next.spilled() == null || next.length() > Connections.BUFFER) {
            spilled(next.spilled());
            append(rest);
            return;
        }
        // Not so much after all; and it may be a head that is not complete, which is read on here.
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
