package org.handoff.worker.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One worker's state, on the monitor's side. The worker may have written anything: what is read here is a number that
 * nothing depends on but the fate of the worker's own connections.
 *
 * <p>The file is read and written by system calls, not mapped: a worker could cut a mapped file short, and the next
 * access would be a signal in the middle of the monitor.
 *
 * <p>Threads: one at a time.
 */
public final class MonitorScoreboard implements Closeable {

    private final FileChannel file;
    private final ByteBuffer number = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    private MonitorScoreboard(FileChannel file) {
        this.file = file;
    }

    /**
     * Makes the file. The caller deletes it.
     *
     * @throws IOException if it exists already or cannot be written
     */
    public static MonitorScoreboard create(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            ByteBuffer content = ByteBuffer.allocate(ScoreboardLayout.BYTES).order(ByteOrder.nativeOrder());
            content.putInt(ScoreboardLayout.MAGIC_AT, ScoreboardLayout.MAGIC);
            content.putInt(ScoreboardLayout.VERSION_AT, Frame.VERSION);
            content.putInt(ScoreboardLayout.SLOTS_AT, Scoreboard.SLOTS);
            while (content.hasRemaining()) {
                file.write(content);
            }
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
        file.write(number.clear().put((byte) SlotState.UNTAKEN.ordinal()).flip(), ScoreboardLayout.STATES_AT + slot);
    }

    /** The state of the connection in a slot; {@link SlotState#ANSWERING} if the file does not tell. */
    public SlotState state(int slot) {
        return SlotState.of(read(ScoreboardLayout.STATES_AT + slot, 1) ? number.get(0) : -1);
    }

    /** The connection whose handler is running, or 0. */
    public long handling() {
        return number(ScoreboardLayout.CONNECTION_AT);
    }

    /** Since when it is running, in milliseconds since 1970, or 0. */
    public long handlingSince() {
        return number(ScoreboardLayout.SINCE_AT);
    }

    /** The requests answered since the start. */
    public long requests() {
        return number(ScoreboardLayout.REQUESTS_AT);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private long number(int at) {
        return read(at, Long.BYTES) ? number.getLong(0) : 0;
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
