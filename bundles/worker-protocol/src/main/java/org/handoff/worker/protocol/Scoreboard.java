package org.handoff.worker.protocol;

import static org.handoff.worker.protocol.ScoreboardLayout.ANSWER;
import static org.handoff.worker.protocol.ScoreboardLayout.BEGINS;
import static org.handoff.worker.protocol.ScoreboardLayout.BYTES;
import static org.handoff.worker.protocol.ScoreboardLayout.CONNECTION_AT;
import static org.handoff.worker.protocol.ScoreboardLayout.ENDS;
import static org.handoff.worker.protocol.ScoreboardLayout.FIRST;
import static org.handoff.worker.protocol.ScoreboardLayout.JOURNAL;
import static org.handoff.worker.protocol.ScoreboardLayout.MAGIC;
import static org.handoff.worker.protocol.ScoreboardLayout.MAGIC_AT;
import static org.handoff.worker.protocol.ScoreboardLayout.NEXT;
import static org.handoff.worker.protocol.ScoreboardLayout.RECORD;
import static org.handoff.worker.protocol.ScoreboardLayout.REQUEST;
import static org.handoff.worker.protocol.ScoreboardLayout.REQUESTS_AT;
import static org.handoff.worker.protocol.ScoreboardLayout.SINCE_AT;
import static org.handoff.worker.protocol.ScoreboardLayout.SLOTS_AT;
import static org.handoff.worker.protocol.ScoreboardLayout.STATE;
import static org.handoff.worker.protocol.ScoreboardLayout.VERSION_AT;
import static org.handoff.worker.protocol.ScoreboardLayout.record;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One worker's state, on the worker's side: a file mapped into memory, written without a system call. The monitor reads
 * it with {@link MonitorScoreboard}.
 *
 * <p>Threads: any; single fields are written whole.
 */
public final class Scoreboard {

    /** The connections that a worker can hold at once. */
    public static final int SLOTS = 8191;

    /** The size of a slot's journal. */
    public static final int JOURNAL_BYTES = RECORD - ScoreboardLayout.ANSWER_BYTES - JOURNAL;

    /** The longest response that a slot can hold. */
    public static final int ANSWER_BYTES = ScoreboardLayout.ANSWER_BYTES;

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer map;

    private Scoreboard(ByteBuffer map) {
        this.map = map.order(ByteOrder.nativeOrder());
    }

    /**
     * Maps the file.
     *
     * @throws IOException if it cannot be read, or is no scoreboard of this version
     */
    public static Scoreboard open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() != BYTES) {
                throw new ProtocolException(
                        "the scoreboard " + file + " has " + channel.size() + " bytes, not " + BYTES);
            }
            Scoreboard scoreboard = new Scoreboard(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES));
            int magic = scoreboard.map.getInt(MAGIC_AT);
            int version = scoreboard.map.getInt(VERSION_AT);
            int slots = scoreboard.map.getInt(SLOTS_AT);
            if (magic != MAGIC || version != Frame.VERSION || slots != SLOTS) {
                throw new ProtocolException("the scoreboard " + file + " begins with " + Integer.toHexString(magic)
                        + ", version " + version + ", " + slots + " slots");
            }
            return scoreboard;
        }
    }

    /** The record of the connection in a slot (0 to {@link #SLOTS} - 1). */
    public Slot slot(int number) {
        return new Slot(record(number));
    }

    /** Records that a connection's handler begins now; 0 that none is running. */
    public void handling(long connection) {
        LONG.setRelease(map, SINCE_AT, connection == 0 ? 0 : System.currentTimeMillis());
        LONG.setRelease(map, CONNECTION_AT, connection);
    }

    /** Counts one more answered request. By one thread only. */
    public void answered() {
        LONG.setRelease(map, REQUESTS_AT, (long) LONG.get(map, REQUESTS_AT) + 1);
    }

    /**
     * The record of one connection. Each change is in the file before the next change of the same thread.
     *
     * <p>Positions count the bytes that were read from the connection since it began, written counts the bytes that
     * were written to it.
     */
    public final class Slot {

        private final int at;

        private Slot(int at) {
            this.at = at;
        }

        /** Sets the state. */
        public void state(SlotState state) {
            VarHandle.releaseFence();
            map.put(at + STATE, (byte) state.ordinal());
            VarHandle.releaseFence();
        }

        /** The position of the journal's first byte. */
        public void first(long position) {
            LONG.setRelease(map, at + FIRST, position);
        }

        /** The position of the request that no handler was called for, or will be called for next. */
        public void request(long position) {
            LONG.setRelease(map, at + REQUEST, position);
        }

        /** The position after the request whose handler runs. */
        public void next(long position) {
            LONG.setRelease(map, at + NEXT, position);
        }

        /** The written count at which the present response begins, or -1. */
        public void begins(long written) {
            LONG.setRelease(map, at + BEGINS, written);
        }

        /**
         * The end of the present response, whose last bytes are about to be written.
         *
         * @param written the written count at which it is complete, or -1
         * @param keeps whether the connection is kept afterwards
         */
        public void ends(long written, boolean keeps) {
            LONG.setRelease(map, at + ENDS, written < 0 ? -1 : 2 * written + (keeps ? 1 : 0));
        }

        /**
         * The whole response that is about to be written: with it the monitor can write the part that a dead worker did
         * not.
         *
         * @param response position to limit, {@link #ANSWER_BYTES} at most; null for none
         * @param keeps whether the connection is kept afterwards
         */
        public void answer(ByteBuffer response, boolean keeps) {
            long told = -1;
            if (response != null) {
                map.put(at + RECORD - ANSWER_BYTES, response, response.position(), response.remaining());
                told = response.remaining() * 2L + (keeps ? 1 : 0);
            }
            LONG.setRelease(map, at + ANSWER, told);
        }

        /** The journal's bytes, {@link #JOURNAL_BYTES} of them: a view of the file, for the connection's bytes. */
        public ByteBuffer journal() {
            return map.slice(at + JOURNAL, JOURNAL_BYTES);
        }
    }
}
