package org.handoff.worker.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One worker's state, on the monitor's side. The worker may have written anything: the numbers read here affect only
 * the worker's own connections.
 *
 * <p>The file is read and written by system calls, not mapped: a worker could truncate a mapped file, and the next
 * access would raise a signal in the monitor.
 *
 * <p>Threads: one at a time.
 */
public final class MonitorScoreboard implements Closeable {

    private final FileChannel file;
    private final ByteBuffer number = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer unknown = ByteBuffer.allocateDirect(ScoreboardLayout.NUMBERS);

    private MonitorScoreboard(FileChannel file) {
        this.file = file;
        for (int at = ScoreboardLayout.FIRST; at < ScoreboardLayout.NUMBERS; at += Long.BYTES) {
            unknown.putLong(at, Frame.UNKNOWN);
        }
    }

    /**
     * The worker's record of a connection, to be judged by the kernel's counts. Positions and written counts as in
     * {@link Scoreboard.Slot}; {@link Frame#UNKNOWN} for numbers not recorded.
     *
     * @param end as in the file: twice the written count at the response's end, plus 1 if the connection is kept
     * @param answer as in the file: twice the length of the response, plus 1 if the connection is kept
     */
    public record Told(SlotState state, long first, long request, long next, long begins, long end, long answer) {

        /** The written count at which the response is complete; {@link Frame#UNKNOWN} if not recorded. */
        public long ends() {
            return end < 0 ? Frame.UNKNOWN : end / 2;
        }

        /** Whether the connection is kept after a complete response. */
        public boolean keepsAtEnd() {
            return end % 2 == 1;
        }

        /** The length of the response of which the slot has a copy; 0 for none. */
        public long answerBytes() {
            return answer <= 0 ? 0 : answer / 2;
        }

        /** Whether the connection is kept after the response of which the slot has a copy. */
        public boolean keepsAfterAnswer() {
            return answer % 2 == 1;
        }
    }

    /**
     * Makes the file. The caller deletes it.
     *
     * @throws IOException if it exists already or cannot be written
     */
    public static MonitorScoreboard create(Path path) throws IOException {
        FileChannel file = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            ByteBuffer content = ByteBuffer.allocate(ScoreboardLayout.RECORD).order(ByteOrder.nativeOrder());
            content.putInt(ScoreboardLayout.MAGIC_AT, ScoreboardLayout.MAGIC);
            content.putInt(ScoreboardLayout.VERSION_AT, Frame.VERSION);
            content.putInt(ScoreboardLayout.SLOTS_AT, Scoreboard.SLOTS);
            while (content.hasRemaining()) {
                file.write(content);
            }
            // The rest is a hole: an unused slot takes no room.
            file.write(ByteBuffer.allocate(1), ScoreboardLayout.BYTES - 1);
            return new MonitorScoreboard(file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Makes a slot ready for the connection that is about to be handed off in it.
     *
     * @throws IOException if the file cannot be written
     */
    public void untaken(int slot) throws IOException {
        file.write(unknown.clear(), ScoreboardLayout.record(slot));
    }

    /** The state of the connection in a slot; {@link SlotState#ANSWERING} if the file cannot be read. */
    public SlotState state(int slot) {
        return SlotState.of(read(ScoreboardLayout.record(slot) + ScoreboardLayout.STATE, 1) ? number.get(0) : -1);
    }

    /** The record of the connection in a slot. */
    public Told told(int slot) {
        int at = ScoreboardLayout.record(slot);
        return new Told(
                state(slot),
                number(at + ScoreboardLayout.FIRST, Frame.UNKNOWN),
                number(at + ScoreboardLayout.REQUEST, Frame.UNKNOWN),
                number(at + ScoreboardLayout.NEXT, Frame.UNKNOWN),
                number(at + ScoreboardLayout.BEGINS, Frame.UNKNOWN),
                number(at + ScoreboardLayout.ENDS, Frame.UNKNOWN),
                number(at + ScoreboardLayout.ANSWER, Frame.UNKNOWN));
    }

    /** Bytes of a slot's journal. @return null if there are fewer, or the file is shorter */
    public ByteBuffer journal(int slot, long offset, long bytes) {
        return bytes(ScoreboardLayout.record(slot) + ScoreboardLayout.JOURNAL, Scoreboard.JOURNAL_BYTES, offset, bytes);
    }

    /** Bytes of the response of which a slot has a copy. @return null if there are fewer, or the file is shorter */
    public ByteBuffer answer(int slot, long offset, long bytes) {
        return bytes(
                ScoreboardLayout.record(slot) + ScoreboardLayout.RECORD - Scoreboard.ANSWER_BYTES,
                Scoreboard.ANSWER_BYTES,
                offset,
                bytes);
    }

    private ByteBuffer bytes(int area, int length, long offset, long bytes) {
        if (offset < 0 || bytes < 0 || offset > length || bytes > length - offset) {
            return null;
        }
        ByteBuffer copy = ByteBuffer.allocate((int) bytes);
        try {
            return bytes == 0 || file.read(copy, area + offset) == bytes ? copy.flip() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** The connection whose handler is running, or 0. */
    public long handling() {
        return number(ScoreboardLayout.CONNECTION_AT, 0);
    }

    /** The start of the running handler, in milliseconds since 1970, or 0. */
    public long handlingSince() {
        return number(ScoreboardLayout.SINCE_AT, 0);
    }

    /** The requests answered since the start. */
    public long requests() {
        return number(ScoreboardLayout.REQUESTS_AT, 0);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private long number(int at, long otherwise) {
        return read(at, Long.BYTES) ? number.getLong(0) : otherwise;
    }

    /** @return false if the file is shorter, or closed */
    private boolean read(int at, int bytes) {
        try {
            return file.read(number.clear().limit(bytes), at) == bytes;
        } catch (IOException e) {
            return false;
        }
    }
}
