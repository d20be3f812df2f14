package org.handoff.worker.protocol;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One worker's state in a file that both sides map into memory. The worker writes and the monitor reads, any time and
 * without a system call. The monitor takes what it reads as numbers that anybody may have written.
 *
 * <p>Threads: each side writes from any thread; single fields are read and written whole.
 */
public final class Scoreboard {

    /** The connections that a worker can hold at once. */
    public static final int SLOTS = 16_320;

    private static final int MAGIC = 0x48534231;
    private static final int MAGIC_AT = 0;
    private static final int VERSION_AT = 4;
    private static final int SLOTS_AT = 8;
    private static final int REQUESTS_AT = 16;
    private static final int CONNECTION_AT = 24;
    private static final int SINCE_AT = 32;
    private static final int STATES_AT = 64;
    private static final int BYTES = STATES_AT + SLOTS;

    private static final VarHandle LONG =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    // Unmapped by the garbage collector once neither side has a use for it: a page or four of memory until then.
    private final ByteBuffer map;

    private Scoreboard(ByteBuffer map) {
        this.map = map.order(ByteOrder.nativeOrder());
    }

    /**
     * Makes the file, on the monitor's side. The caller deletes it.
     *
     * @throws IOException if it exists already or cannot be written
     */
    public static Scoreboard create(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            Scoreboard scoreboard = new Scoreboard(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES));
            scoreboard.map.putInt(MAGIC_AT, MAGIC).putInt(VERSION_AT, Frame.VERSION).putInt(SLOTS_AT, SLOTS);
            return scoreboard;
        }
    }

    /**
     * Maps the file, on the worker's side.
     *
     * @throws IOException if it cannot be read, or is no scoreboard of this version
     */
    public static Scoreboard open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() != BYTES) {
                throw new ProtocolException("the scoreboard " + file + " has " + channel.size() + " bytes, not " + BYTES);
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

    /** Sets the state of the connection in a slot (0 to {@link #SLOTS} - 1). */
    public void state(int slot, SlotState state) {
        map.put(STATES_AT + slot, (byte) state.ordinal());
    }

    /** The state of the connection in a slot. */
    public SlotState state(int slot) {
        return SlotState.of(map.get(STATES_AT + slot));
    }

    /** Notes that a connection's handler begins, now; with 0, that none is running. */
    public void handling(long connection) {
        LONG.setRelease(map, SINCE_AT, connection == 0 ? 0 : System.currentTimeMillis());
        LONG.setRelease(map, CONNECTION_AT, connection);
    }

    /** The connection whose handler is running, or 0. */
    public long handling() {
        return (long) LONG.getAcquire(map, CONNECTION_AT);
    }

    /** Since when it is running, in milliseconds since 1970, or 0. */
    public long handlingSince() {
        return (long) LONG.getAcquire(map, SINCE_AT);
    }

    /** Counts one more answered request. By one thread only. */
    public void answered() {
        LONG.setRelease(map, REQUESTS_AT, requests() + 1);
    }

    /** The requests answered since the start. */
    public long requests() {
        return (long) LONG.getAcquire(map, REQUESTS_AT);
    }
}
