package org.handoff.worker.runtime.connection;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that the monitor has handed off to this worker: takes each with its descriptor, and its file if it
 * has one, or tells the monitor that it was not taken. On the event loop only.
 */
final class Arrivals {

    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

    private final MonitorLink link;
    private final Scoreboard scoreboard;
    private final Map<Long, ServedConnection> connections = new HashMap<>();
    /** Null before connections may come. */
    private HttpEngine engine;
    /** The folder for files of large requests. */
    private Path folder;
    /** The memory for all clients together. */
    private MemoryBudget memory;
    /** The file that has come for the next connection, or null. */
    private HandedOffSpill spill;

    Arrivals(MonitorLink link, Scoreboard scoreboard) {
        this.link = link;
        this.scoreboard = scoreboard;
    }

    /** Connections may come from now on. */
    void ready(HttpEngine serving, Path temporary, MemoryBudget budget) {
        engine = serving;
        folder = temporary;
        memory = budget;
    }

    boolean isReady() {
        return engine != null;
    }

    /** Ends all responses that are given after their handlers have returned. */
    void endAsynchronous() {
        if (isReady()) {
            engine.endAsynchronous();
        }
    }

    /** All connections, by their ids. */
    Map<Long, ServedConnection> connections() {
        return connections;
    }

    /** Calls an action for each connection; it may remove the connection. */
    void forEach(Consumer<ServedConnection> action) {
        List.copyOf(connections.values()).forEach(action);
    }

    void left(ServedConnection connection) {
        connections.remove(connection.id());
    }

    /** Takes the file of the next connection. */
    void spill(HandedOffSpill file) {
        forgetSpill();
        spill = file;
    }

    /** Takes a connection that was handed off. */
    void connection(HandOff handOff, int descriptor) throws IOException {
        if (engine == null
                || handOff.slot() < 0
                || handOff.slot() >= Scoreboard.SLOTS
                || connections.containsKey(handOff.connection())) {
            close(descriptor);
            throw new ProtocolException(
                    (engine == null ? "not ready yet for " : "no such slot, or held already: ") + handOff);
        }
        boolean withFile = handOff.behindFile();
        if (!withFile || spill != null && spill.connection() != handOff.connection()) {
            // A file whose connection did not come: its hand-off ended between the two frames.
            forgetSpill();
        }
        HandedOffSpill came = spill;
        spill = null;
        if (descriptor < 0 || withFile && came == null) {
            notTaken(handOff, came, descriptor);
        } else if (!link.isOn()) {
            passOn(handOff, came, descriptor);
        } else {
            serve(handOff, came, descriptor);
        }
    }

    /** The monitor still has the bytes that it sent. */
    private void notTaken(HandOff handOff, HandedOffSpill came, int descriptor) {
        close(came);
        close(descriptor);
        link.giveBack(new GiveBack(
                handOff.slot(),
                handOff.connection(),
                GiveBackReason.NOT_TAKEN,
                handOff.position(),
                handOff.received()));
    }

    private void passOn(HandOff handOff, HandedOffSpill came, int descriptor) {
        close(came);
        close(descriptor);
        link.giveBack(new GiveBack(
                handOff.slot(),
                handOff.connection(),
                GiveBackReason.REQUESTED,
                handOff.position(),
                came == null ? Frame.UNKNOWN : came.position(),
                handOff.received()));
    }

    /** Closes the file that has come, which is of no use any more. */
    void forgetSpill() {
        close(spill);
        spill = null;
    }

    private static void close(HandedOffSpill file) {
        if (file != null) {
            try {
                file.file().close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file of connection {}", file.connection(), e);
            }
        }
    }

    static void close(int descriptor) {
        if (descriptor >= 0) {
            try {
                new FileDescriptor(descriptor).close();
            } catch (IOException e) {
                LOG.warn("Cannot close descriptor {}", descriptor, e);
            }
        }
    }

    private void serve(HandOff handOff, HandedOffSpill came, int descriptor) {
        EpollSocketChannel channel;
        try {
            channel = new EpollSocketChannel(descriptor);
        } catch (ChannelException e) {
            LOG.warn(
                    "Connection {} cannot be taken: the system refuses information about its socket",
                    handOff.connection(),
                    e);
            notTaken(handOff, came, descriptor);
            return;
        }
        // The channel of a connection that its client has already reset would not report the end.
        if (!channel.isActive()) {
            LOG.debug("the client of connection {} has gone", handOff.connection());
            end(descriptor);
            close(came);
            return;
        }
        ByteBuf received = Unpooled.copiedBuffer(handOff.received());
        ServedConnection connection =
                new ServedConnection(link, scoreboard, handOff, received, channel, folder, memory);
        connections.put(handOff.connection(), connection);
        connection.serve(engine, came, received);
    }

    /** Ends a connection for every process that holds it. */
    private static void end(int descriptor) {
        try {
            new Socket(descriptor).shutdown(true, true);
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("descriptor {} was shut down already", descriptor, e);
        }
        close(descriptor);
    }
}
