package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.util.List;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.ForeignContexts;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Spill;
import org.handoff.worker.protocol.Spilled;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands connections to one worker, and tells it what it has to know about them: each gets a slot of the worker's scoreboard, and the file with the beginning of a
 * large request goes ahead of it. On the event loop only.
 */
final class ConnectionSender {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSender.class);

    private final String worker;
    private final ControlChannel channel;
    private final MonitorScoreboard scoreboard;
    private final HeldConnections held;

    /** @param held gets the connections handed off */
    ConnectionSender(String worker, ControlChannel channel, MonitorScoreboard scoreboard, HeldConnections held) {
        this.worker = worker;
        this.channel = channel;
        this.scoreboard = scoreboard;
        this.held = held;
    }

    /**
     * Hands off a connection, which is among the held ones then.
     *
     * @param again whether another worker could not take it before
     * @return false if the worker holds as many as it can, or its control socket is full
     */
    boolean send(Connection connection, boolean again) {
        int slot = held.freeSlot();
        if (slot < 0) {
            return false;
        }
        try {
            scoreboard.untaken(slot);
        } catch (IOException e) {
            LOG.error("Worker {} gets no connection: its scoreboard cannot be written", worker, e);
            return false;
        }
        UnusedBytes unused = connection.unused();
        if (!sendTo(slot, connection, unused)) {
            return false;
        }
        held.add(new HeldConnection(connection, unused, slot, again));
        return true;
    }

    private boolean sendTo(int slot, Connection connection, UnusedBytes unused) {
        SpilledBytes spilled = unused.spilled();
        HandOff handOff = new HandOff(slot, connection.id(), unused.position(), spilled != null, unused.rest());
        if (spilled == null) {
            return channel.trySend(handOff.frame(), connection.descriptor());
        }
        if (!channel.trySend(
                new Spilled(slot, connection.id(), unused.first(), spilled.offset()).frame(),
                spilled.file().descriptor())) {
            return false;
        }
        try {
            channel.send(handOff.frame(), connection.descriptor());
            return true;
        } catch (IOException e) {
            LOG.warn("Connection {} waits for a descriptor to be handed to worker {}", connection.id(), worker, e);
            return false;
        }
    }

    /** Tells the worker which requests are foreign though a context of its own matches. */
    void foreignContexts(List<RoutedContext> contexts) {
        ForeignContexts.Told told = new ForeignContexts(contexts.stream()
                        .map(one -> new ForeignContexts.Foreign(one.host(), one.context()))
                        .toList())
                .told();
        if (!told.isWhole()) {
            // Some thousand contexts of other targets inside this worker's: the shorter context answers those that do
            // not fit.
            LOG.error("{} contexts of other targets are too many to tell the workers", contexts.size());
        }
        channel.send(told.frame());
    }

    /** Tells the worker that the file of a request has not arrived here. */
    void noFile(Spill overflow) {
        channel.send(overflow.noFile().frame());
    }
}
