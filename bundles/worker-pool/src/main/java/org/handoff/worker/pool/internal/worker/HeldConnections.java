package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.SlotState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that one worker holds, each with its slot in the scoreboard; decides about them when the worker is
 * dead. On the event loop only.
 */
public final class HeldConnections {

    private static final Logger LOG = LoggerFactory.getLogger(HeldConnections.class);

    /** The number of slots used in turn, however few connections there are. */
    private static final int FEW_SLOTS = 256;

    private final MonitorScoreboard scoreboard;
    private final Duration patience;
    private final Map<Long, HeldConnection> held = new HashMap<>();
    private final BitSet slots = new BitSet(Scoreboard.SLOTS);
    private int lastSlot;

    /** @param patience how long a client may take nothing of a response that the monitor completes */
    HeldConnections(MonitorScoreboard scoreboard, Duration patience) {
        this.scoreboard = scoreboard;
        this.patience = patience;
    }

    int size() {
        return held.size();
    }

    /** The connection with that id, or null. */
    HeldConnection get(long id) {
        return held.get(id);
    }

    void add(HeldConnection one) {
        slots.set(one.slot());
        lastSlot = one.slot();
        held.put(one.connection().id(), one);
    }

    /** Frees its slot; the file of its request is still there. */
    void remove(HeldConnection one) {
        held.remove(one.connection().id());
        slots.clear(one.slot());
        one.tail(null);
    }

    void clear() {
        held.values().forEach(HeldConnection::close);
        forgetAll();
    }

    private void forgetAll() {
        held.clear();
        slots.clear();
    }

    /**
     * A slot that was free for long, so that a late write of its former connection does no harm; or -1. Uses at most
     * twice as many slots as there are connections: each used one takes two pages of memory.
     */
    int freeSlot() {
        int end = Math.min(Scoreboard.SLOTS, Math.max(FEW_SLOTS, 2 * held.size()));
        int slot = slots.nextClearBit(lastSlot + 1);
        if (slot >= end) {
            slot = slots.nextClearBit(0);
        }
        return slot < Scoreboard.SLOTS ? slot : -1;
    }

    /** Whether one of them has a request or a response. */
    boolean isBusy() {
        return held.values().stream().anyMatch(one -> scoreboard.state(one.slot()) != SlotState.IDLE);
    }

    /** The number of them in each state. */
    SortedMap<String, Integer> states() {
        SortedMap<String, Integer> states = new TreeMap<>();
        held.values()
                .forEach(one ->
                        states.merge(scoreboard.state(one.slot()).name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        return states;
    }

    /** The fates of a dead worker's connections, in numbers. */
    static final class Fates {

        private int kept;
        private int again;
        private int completed;
        private int lost;
        private int unread;
        private int cut;

        /** Whether a client has noticed. */
        boolean isLoss() {
            return lost + unread + cut > 0;
        }

        @Override
        public String toString() {
            // Short, as Karaf's log cuts long lines.
            return kept + " idle connections are kept, " + again + " requests go to other workers, " + completed
                    + " responses were completed, " + lost + " requests whose handler ran and " + unread
                    + " that were not kept are answered 502, " + cut + " responses are cut";
        }
    }

    /**
     * The worker is dead: decides about each connection by docs/worker-protocol.md, "When a worker dies".
     *
     * @param late the connection whose request took too long, or 0
     */
    Fates decide(long late) {
        List<HeldConnection> all = List.copyOf(held.values());
        forgetAll();
        Fates fates = new Fates();
        all.forEach(one -> decideAndClose(one, one.connection().id() == late ? 504 : 502, fates));
        return fates;
    }

    /** The worker has given up one of them: decides about it in the same way. */
    Fates decide(HeldConnection one) {
        held.remove(one.connection().id());
        slots.clear(one.slot());
        Fates fates = new Fates();
        decideAndClose(one, 502, fates);
        return fates;
    }

    private void decideAndClose(HeldConnection one, int status, Fates fates) {
        try {
            decide(one, status, fates);
        } catch (RuntimeException e) {
            LOG.error(
                    "Connection {} is cut, as its state is unknown",
                    one.connection().id(),
                    e);
            one.connection().cut();
        } finally {
            one.close();
        }
    }

    /**
     * Whether its worker has called no handler for it and read nothing from it: another worker can begin in the same
     * state.
     */
    boolean isAsHandedOff(HeldConnection one) {
        MonitorScoreboard.Told told = scoreboard.told(one.slot());
        SlotState asTaken = one.first() == one.position() ? SlotState.IDLE : SlotState.READING;
        if (told.state() != SlotState.UNTAKEN
                && (told.state() != asTaken || told.request() != Frame.UNKNOWN && told.request() != one.first())) {
            return false;
        }
        try {
            Connection.Progress progress = one.connection().progress();
            // Where the worker records no request, it may have answered one of several that it was handed.
            boolean answered = told.state() == SlotState.READING
                    && told.request() == Frame.UNKNOWN
                    && (one.first() > 0 || progress.written() > 0);
            return progress.position() == one.position() && !answered;
        } catch (IOException e) {
            LOG.debug("connection {} has ended", one.connection().id(), e);
            return false;
        }
    }

    private void decide(HeldConnection one, int status, Fates fates) {
        Connection connection = one.connection();
        MonitorScoreboard.Told told = scoreboard.told(one.slot());
        if (told.state() == SlotState.UNTAKEN) {
            fates.again++;
            connection.giveBackUnchanged();
            return;
        }
        Connection.Progress progress;
        try {
            progress = connection.progress();
        } catch (IOException e) {
            LOG.debug("connection {}: only its state says how far it is", connection.id(), e);
            progress = new Connection.Progress(UnusedBytes.UNKNOWN, UnusedBytes.UNKNOWN);
        }
        if (told.state() == SlotState.IDLE || told.state() == SlotState.READING) {
            notBegun(one, told, progress, status, fates);
        } else {
            begun(one, told, progress, status, fates);
        }
    }

    private void notBegun(
            HeldConnection one, MonitorScoreboard.Told told, Connection.Progress progress, int status, Fates fates) {
        UnusedBytes unused = behind(told.request(), one, told, progress);
        if (unused == null) {
            fates.unread++;
            one.connection().answer(status);
        } else {
            fates.kept += unused.isEmpty() ? 1 : 0;
            fates.again += unused.isEmpty() ? 0 : 1;
            giveBack(one, unused);
        }
    }

    private static void giveBack(HeldConnection one, UnusedBytes unused) {
        if (unused.spilled() != null) {
            one.given();
        }
        one.connection().giveBack(unused);
    }

    private void begun(
            HeldConnection one, MonitorScoreboard.Told told, Connection.Progress progress, int status, Fates fates) {
        Connection connection = one.connection();
        boolean counted = progress.written() != UnusedBytes.UNKNOWN && told.begins() != Frame.UNKNOWN;
        long written = progress.written() - told.begins();
        UnusedBytes unused = behind(told.next(), one, told, progress);
        ByteBuffer answer = counted && written >= 0 && written <= told.answerBytes() && told.answerBytes() > 0
                ? scoreboard.answer(one.slot(), written, told.answerBytes() - written)
                : null;
        if (counted && progress.written() == told.ends() && told.keepsAtEnd() && unused != null) {
            // All of the response was written, and the worker had no time to record that.
            fates.kept++;
            giveBack(one, unused);
        } else if (counted && progress.written() == told.ends()) {
            complete(one, new CopiedResponseTail(ByteBuffer.allocate(0)), false, unused, progress, fates);
        } else if (answer != null) {
            complete(one, new CopiedResponseTail(answer), told.keepsAfterAnswer(), unused, progress, fates);
        } else if (counted && one.hasTailOf(told, progress.written())) {
            KeptResponseTail tail = one.takeTail();
            complete(one, tail.from(progress.written()), tail.keeps(), unused, progress, fates);
        } else if (counted ? written == 0 : told.state() == SlotState.HANDLING) {
            fates.lost++;
            connection.answer(status);
        } else {
            fates.cut++;
            connection.cut();
        }
    }

    /** @param behind the bytes read after the request; null if unknown, so that no request can follow */
    private void complete(
            HeldConnection one,
            ResponseTail tail,
            boolean keeps,
            UnusedBytes behind,
            Connection.Progress progress,
            Fates fates) {
        fates.completed++;
        boolean goesOn = keeps && behind != null;
        UnusedBytes next = goesOn ? behind : UnusedBytes.none(progress.position());
        if (next.spilled() != null) {
            one.given();
        }
        one.connection().complete(tail, goesOn, patience, next);
    }

    /** The bytes from that position on; null if it is not known, or they are neither in the file nor in the journal. */
    private UnusedBytes behind(
            long from, HeldConnection one, MonitorScoreboard.Told told, Connection.Progress progress) {
        long end = progress.position();
        if (from == Frame.UNKNOWN) {
            // The worker records only the state.
            return told.state() == SlotState.IDLE ? UnusedBytes.none(end) : null;
        }
        if (end == UnusedBytes.UNKNOWN || from > end) {
            return null;
        }
        if (end == from) {
            return UnusedBytes.none(end);
        }
        if (end == one.position()) {
            // The worker has read nothing itself.
            ByteBuffer handedOff = one.connection().unused().rest();
            long first = end - handedOff.remaining();
            return from < first
                    ? behindFile(one, from, first, handedOff, end)
                    : UnusedBytes.of(handedOff.slice((int) (from - first), (int) (end - from)), end);
        }
        long first = told.first();
        if (first == Frame.UNKNOWN) {
            return null;
        }
        ByteBuffer journal = scoreboard.journal(one.slot(), Math.max(from - first, 0), end - Math.max(from, first));
        return journal == null
                ? null
                : from < first ? behindFile(one, from, first, journal, end) : UnusedBytes.of(journal, end);
    }

    private static UnusedBytes behindFile(HeldConnection one, long from, long to, ByteBuffer rest, long end) {
        SpilledBytes spilled = one.spilled(from, to);
        return spilled == null ? null : new UnusedBytes(spilled, rest, end);
    }
}
