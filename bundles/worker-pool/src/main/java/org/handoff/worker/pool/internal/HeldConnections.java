package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
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

    /** @param again whether another worker could not take it before */
    record Held(Connection connection, int slot, boolean again) {
    }

    private final MonitorScoreboard scoreboard;
    private final Map<Long, Held> held = new HashMap<>();
    private final BitSet slots = new BitSet(Scoreboard.SLOTS);
    private int lastSlot;

    HeldConnections(MonitorScoreboard scoreboard) {
        this.scoreboard = scoreboard;
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
    }

    void clear() {
        held.clear();
        slots.clear();
    }

    /** The slot that was free for longest, so that what its last connection still writes there hits nobody; or -1. */
    int freeSlot() {
        int slot = slots.nextClearBit(lastSlot + 1);
        if (slot >= Scoreboard.SLOTS) {
            slot = slots.nextClearBit(0);
        }
        return slot < Scoreboard.SLOTS ? slot : -1;
    }

    /** How many there are in each state. */
    SortedMap<String, Integer> states() {
        SortedMap<String, Integer> states = new TreeMap<>();
        held.values().forEach(one -> states.merge(
                scoreboard.state(one.slot()).name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        return states;
    }

    /**
     * The worker is dead: decides about each of them by docs/worker-protocol.md, "When a worker dies".
     *
     * @param late the connection whose request took too long, or 0
     */
    void decide(long late) {
        List<Held> all = List.copyOf(held.values());
        clear();
        all.forEach(one -> decide(one, one.connection().id() == late ? 504 : 502));
    }

    private void decide(Held one, int status) {
        Connection connection = one.connection();
        MonitorScoreboard.Told told = scoreboard.told(one.slot());
        if (told.state() == SlotState.UNTAKEN) {
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
        switch (told.state()) {
            case IDLE, READING -> again(one, told, told.request(), progress, status);
            default -> {
                if (progress.written() != Connection.UNKNOWN && progress.written() == told.ends()) {
                    // All of the response was written, and the worker had no time to say so.
                    again(one, told, told.next(), progress, status);
                } else if (told.begins() == Connection.UNKNOWN ? told.state() == SlotState.HANDLING
                        : progress.written() == told.begins()) {
                    connection.answer(status);
                } else {
                    connection.cut();
                }
            }
        }
    }

    /** Somebody else gets the request that begins at that position, of which perhaps nothing has come yet. */
    private void again(Held one, MonitorScoreboard.Told told, long request, Connection.Progress progress, int status) {
        Connection connection = one.connection();
        boolean counted = request != Connection.UNKNOWN && progress.position() != Connection.UNKNOWN;
        ByteBuffer bytes = null;
        if (counted && progress.position() == request || !counted && told.state() == SlotState.IDLE) {
            bytes = ByteBuffer.allocate(0);
        } else if (counted && told.first() != Connection.UNKNOWN) {
            bytes = scoreboard.journal(one.slot(), request - told.first(), progress.position() - request);
        }
        if (bytes == null) {
            // More was read than the journal holds.
            connection.answer(status);
        } else {
            connection.giveBack(bytes, progress.position());
        }
    }
}
