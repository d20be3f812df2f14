package org.handoff.monitor.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

import org.handoff.http.message.HeadReader;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.EarlierBytes;
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
    private EarlierBytes earlier;

    private byte[] bytes = NOTHING;
    private int length;
    /** Where the bytes are instead, in a slot; or null. */
    private SpillFile spilled;

    private int slot;
    /** How many bytes were read since the connection began, by whoever, or {@link Connection#UNKNOWN}. */
    private long position;
    /** Reads the head of the first request; null before that. */
    private HeadReader reader;

    ReceivedBytes(Memory memory) {
        this.memory = memory;
    }

    boolean isEmpty() {
        return length == 0 && earlier == null;
    }

    /** Whether some of them are in a file. */
    boolean isInFile() {
        return earlier != null;
    }

    /** As {@link Connection#earlier}. */
    EarlierBytes earlier() {
        return earlier;
    }

    /** As {@link Connection#received}. */
    ByteBuffer view() {
        return ByteBuffer.wrap(array(), 0, length).asReadOnlyBuffer();
    }

    private byte[] array() {
        if (spilled == null) {
            return bytes;
        }
        try {
            return spilled.read(slot, length);
        } catch (IOException e) {
            throw new UncheckedIOException("the first bytes of a request cannot be read again", e);
        }
    }

    /** Has these in memory instead of what was there or in the other file. */
    private void hold(byte[] next) {
        memory.add(next.length - bytes.length);
        bytes = next;
        if (spilled != null) {
            try {
                spilled.free(slot);
            } catch (IOException e) {
                LOG.warn("The file with the first bytes of requests cannot be emptied", e);
            }
            spilled = null;
        }
    }

    /**
     * Puts what is in memory into a file, until it is asked for.
     *
     * @throws IOException if that has no room: it stays where it is
     */
    void spill(SpillFile file) throws IOException {
        if (length > 0 && spilled == null) {
            int written = file.write(bytes, length);
            hold(NOTHING);
            spilled = file;
            slot = written;
        }
    }

    /** As {@link Connection#position}. */
    long position() {
        return position;
    }

    /** Adds what was just read from the connection. */
    void read(ByteBuffer more) {
        if (position != Connection.UNKNOWN) {
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
        if (reader == null) {
            reader = new HeadReader();
        }
        if (earlier != null) {
            byte[] first = firstOf(earlier);
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
        return earlier != null || length >= Connections.BUFFER;
    }

    private byte[] firstOf(EarlierBytes inFile) throws IOException {
        int count = (int) Math.min(inFile.length(), Connections.BUFFER);
        byte[] first = Arrays.copyOf(read(inFile, count).array(), Math.min(count + length, Connections.BUFFER));
        System.arraycopy(bytes, 0, first, count, first.length - count);
        return first;
    }

    private static ByteBuffer read(EarlierBytes inFile, int count) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(count);
        inFile.file().read(read, inFile.offset());
        return read.flip();
    }

    /** Drops the first request, of which nothing is in a file. */
    void skip(int count) {
        hold(Arrays.copyOfRange(array(), count, length));
        length = bytes.length;
        reader = null;
    }

    /** Whether these bytes begin with the very same request as what is here. */
    boolean beginAs(EarlierBytes inFile, ByteBuffer unused, long newPosition) {
        if (inFile == null && earlier == null) {
            return length > 0 && unused.remaining() >= length && view().equals(unused.slice(unused.position(), length));
        }
        return !isEmpty()
                && newPosition != Connection.UNKNOWN
                && first(inFile, unused.remaining(), newPosition) == first(earlier, length, position);
    }

    /** The position of the first of some bytes. */
    private static long first(EarlierBytes inFile, int count, long end) {
        return end - count - (inFile == null ? 0 : inFile.length());
    }

    /**
     * Has others instead.
     *
     * @param inFile closed here in the end; or null
     * @param unused copied
     * @throws IOException if those in the file are to be taken out of it, and cannot be read
     */
    void replace(EarlierBytes inFile, ByteBuffer unused, long newPosition) throws IOException {
        // It may be a view of what is here.
        ByteBuffer rest = unused.duplicate();
        hold(NOTHING);
        length = 0;
        reader = null;
        position = newPosition;
        if (inFile == null || inFile.length() + rest.remaining() > Connections.BUFFER) {
            earlier(inFile);
            append(rest);
            return;
        }
        // Not so much after all; and it may be a head that is not complete, which is read on here.
        try {
            append(read(inFile, (int) inFile.length()));
        } finally {
            append(rest);
            earlier(null);
            close(inFile);
        }
    }

    void clear() {
        earlier(null);
        hold(NOTHING);
        length = 0;
        reader = null;
    }

    private void earlier(EarlierBytes next) {
        if (earlier != null && (next == null || next.file() != earlier.file())) {
            close(earlier);
        }
        earlier = next;
    }

    /** Closes a file with bytes that nobody is going to have; null is none. */
    static void close(EarlierBytes inFile) {
        if (inFile != null) {
            try {
                inFile.file().close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file of a request", e);
            }
        }
    }
}
