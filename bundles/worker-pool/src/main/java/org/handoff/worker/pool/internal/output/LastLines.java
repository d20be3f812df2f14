package org.handoff.worker.pool.internal.output;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** The last lines of one process, in memory; all processes together have a room for them. */
final class LastLines {

    /** The most lines of a process. */
    private static final int LINES = 200;

    private static final Room ALL = new Room(8 << 20);

    /** The memory of a line beside its characters. */
    private static final int LINE = 64;

    private final Room room;
    private final Deque<String> lines = new ArrayDeque<>();
    private long bytes;

    /** The memory for the lines of several processes: where it is full, the one with the most loses its oldest. */
    static final class Room {

        private final long most;
        /** Only those that are still in use. */
        private final Set<LastLines> holders = Collections.newSetFromMap(new WeakHashMap<>());

        private long used;

        Room(long most) {
            this.most = most;
        }

        private synchronized void add(LastLines holder, String line) {
            holders.add(holder);
            holder.lines.add(line);
            count(holder, size(line));
            if (holder.lines.size() > LINES) {
                drop(holder);
            }
            if (used > most) {
                used = holders.stream().mapToLong(one -> one.bytes).sum();
            }
            while (used > most) {
                drop(Collections.max(holders, Comparator.comparingLong(one -> one.bytes)));
            }
        }

        private void drop(LastLines holder) {
            count(holder, -size(holder.lines.remove()));
        }

        private void count(LastLines holder, long more) {
            holder.bytes += more;
            used += more;
        }

        private static long size(String line) {
            return LINE + 2L * line.length();
        }

        private synchronized List<String> linesOf(LastLines holder) {
            return List.copyOf(holder.lines);
        }
    }

    LastLines() {
        this(ALL);
    }

    LastLines(Room room) {
        this.room = room;
    }

    void add(String line) {
        room.add(this, line);
    }

    /** The oldest first. */
    List<String> lines() {
        return room.linesOf(this);
    }
}
