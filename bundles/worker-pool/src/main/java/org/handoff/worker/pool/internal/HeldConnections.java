package org.handoff.worker.pool.internal;

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
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.SlotState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that one worker holds, each with its slot in the scoreboard; and what becomes of them when the worker
 * is dead. On the event loop only.
 */
final class HeldConnections {

    private static final Logger LOG = LoggerFactory.getLogger(HeldConnections.class);

    /** Slots that are used in turn, however few connections there are. */
    private static final int FEW_SLOTS = 256;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** @param again whether another worker could not take it before */
    record Held(Connection connection, int slot, boolean again) {
    }

    private final MonitorScoreboard scoreboard;
    private final Duration patience;
    private final Map<Long, Held> held = new HashMap<>();
    /** What is left of responses, by their connections' ids. */
    private final Map<Long, KeptRest> rests = new HashMap<>();
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
    Held get(long id) {
        return held.get(id);
    }

    void add(Held one) {
        slots.set(one.slot());
        lastSlot = one.slot();
        held.put(one.connection().id(), one);
    }

    void remove(Held one) {
        held.remove(one.connection().id());
        slots.clear(one.slot());
        close(rests.remove(one.connection().id()));
    }

    void clear() {
        held.clear();
        slots.clear();
        rests.values().forEach(HeldConnections::close);
        rests.clear();
    }

    /**
     * Keeps what is left of the response on a connection, in place of what was left of one before.
     *
     * @param rest null for nothing
     */
    void rest(Held one, KeptRest rest) {
        close(rest == null ? rests.remove(one.connection().id()) : rests.put(one.connection().id(), rest));
    }

    private static void close(KeptRest rest) {
        if (rest != null) {
            try {
                rest.close();
            } catch (IOException e) {
                LOG.warn("The file with the rest of a response cannot be closed", e);
            }
        }
    }

    /**
     * A slot that was free for long, so that what its last connection still writes there hits nobody; or -1. Of no more
     * slots than twice as many as are in use: each that is ever used takes two pages of memory.
     */
    int freeSlot() {
        int end = Math.min(Scoreboard.SLOTS, Math.max(FEW_SLOTS, 2 * held.size()));
        int slot = slots.nextClearBit(lastSlot + 1);
        if (slot >= end) {
            slot = slots.nextClearBit(0);
        }
        return slot < Scoreboard.SLOTS ? slot : -1;
    }

    /** Whether there is a request or a response on one of them. */
    boolean isBusy() {
        return held.values().stream().anyMatch(one -> scoreboard.state(one.slot()) != SlotState.IDLE);
    }

    /** How many there are in each state. */
    SortedMap<String, Integer> states() {
        SortedMap<String, Integer> states = new TreeMap<>();
        held.values().forEach(one -> states.merge(
                scoreboard.state(one.slot()).name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        return states;
    }

    /** What became of the connections of a dead worker, in numbers. */
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
            // Short: Karaf's log cuts what is long.
            return kept + " idle connections are kept, " + again + " requests go to other workers, " + completed
                    + " responses were completed, " + lost + " requests whose handler ran and " + unread
                    + " larger than their journal are answered 502, " + cut + " responses are cut";
        }
    }

    /**
     * The worker is dead: decides about each of them by docs/worker-protocol.md, "When a worker dies".
     *
     * @param late the connection whose request took too long, or 0
     */
    Fates decide(long late) {
        List<Held> all = List.copyOf(held.values());
        held.clear();
        slots.clear();
        Fates fates = new Fates();
        for (Held one : all) {
            try {
                decide(one, one.connection().id() == late ? 504 : 502, fates);
            } catch (RuntimeException e) {
                LOG.error("Connection {} is cut: its worker has died, and it is not known what became of it",
                        one.connection().id(), e);
                one.connection().cut();
            }
        }
        clear();
        return fates;
    }

    private void decide(Held one, int status, Fates fates) {
        Connection connection = one.connection();
        MonitorScoreboard.Told told = scoreboard.told(one.slot());
        if (told.state() == SlotState.UNTAKEN) {
            fates.again++;
            connection.giveBack(connection.received(), connection.position());
            return;
        }
        Connection.Progress progress;
        try {
            progress = connection.progress();
        } catch (IOException e) {
            LOG.debug("connection {}: only its state says how far it is", connection.id(), e);
            progress = new Connection.Progress(Connection.UNKNOWN, Connection.UNKNOWN);
        }
        if (told.state() == SlotState.IDLE || told.state() == SlotState.READING) {
            notBegun(one, told, progress, status, fates);
        } else {
            begun(one, told, progress, status, fates);
        }
    }

    private void notBegun(Held one, MonitorScoreboard.Told told, Connection.Progress progress, int status,
            Fates fates) {
        ByteBuffer bytes = behind(told.request(), one, told, progress);
        if (bytes == null) {
            fates.unread++;
            one.connection().answer(status);
        } else {
            fates.kept += bytes.hasRemaining() ? 0 : 1;
            fates.again += bytes.hasRemaining() ? 1 : 0;
            one.connection().giveBack(bytes, progress.position());
        }
    }

    private void begun(Held one, MonitorScoreboard.Told told, Connection.Progress progress, int status, Fates fates) {
        Connection connection = one.connection();
        boolean counted = progress.written() != Connection.UNKNOWN && told.begins() != Connection.UNKNOWN;
        long written = progress.written() - told.begins();
        ByteBuffer bytes = behind(told.next(), one, told, progress);
        ByteBuffer answer = counted && written >= 0 && written <= told.answerBytes() && told.answerBytes() > 0
                ? scoreboard.answer(one.slot(), written, told.answerBytes() - written) : null;
        KeptRest rest = rests.get(connection.id());
        if (counted && progress.written() == told.ends() && told.keepsAtEnd() && bytes != null) {
            // All of the response was written, and the worker had no time to say so.
            fates.kept++;
            connection.giveBack(bytes, progress.position());
        } else if (counted && progress.written() == told.ends()) {
            complete(one, new CopiedRest(NOTHING), false, bytes, progress, fates);
        } else if (answer != null) {
            complete(one, new CopiedRest(answer), told.keepsAfterAnswer(), bytes, progress, fates);
        } else if (counted && rest != null && rest.hasRestOf(told, progress.written())) {
            rests.remove(connection.id());
            complete(one, rest.from(progress.written()), rest.keeps(), bytes, progress, fates);
        } else if (counted ? written == 0 : told.state() == SlotState.HANDLING) {
            fates.lost++;
            connection.answer(status);
        } else {
            fates.cut++;
            connection.cut();
        }
    }

    /** @param behind what was read behind the request; null where that is not known, so that nothing can follow */
    private void complete(Held one, Connection.Rest rest, boolean keeps, ByteBuffer behind,
            Connection.Progress progress, Fates fates) {
        fates.completed++;
        one.connection().complete(rest, keeps && behind != null, patience, behind == null ? NOTHING : behind,
                progress.position());
    }

    /** What was read from that position on; null if it is not known, or not in the journal. */
    private ByteBuffer behind(long from, Held one, MonitorScoreboard.Told told, Connection.Progress progress) {
        Connection connection = one.connection();
        if (from == Connection.UNKNOWN) {
            // A worker that tells nothing: the state is all there is.
            return told.state() == SlotState.IDLE ? NOTHING : null;
        }
        if (progress.position() == Connection.UNKNOWN) {
            return null;
        }
        if (progress.position() == from) {
            return NOTHING;
        }
        ByteBuffer handedOff = connection.received();
        if (progress.position() == connection.position() && connection.position() - handedOff.remaining() == from) {
            return handedOff;
        }
        return told.first() == Connection.UNKNOWN ? null
                : scoreboard.journal(one.slot(), from - told.first(), progress.position() - from);
    }
}
