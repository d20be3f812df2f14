package org.handoff.worker.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.HttpConnection;
import org.handoff.http.HttpEngine;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.SlotState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection while this worker has it. */
final class ClientConnection implements HttpConnection.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private final Worker worker;
    private final Scoreboard scoreboard;
    private final int slot;
    private final long id;
    private final EpollSocketChannel channel;
    private HttpConnection http;
    private boolean answering;

    ClientConnection(Worker worker, Scoreboard scoreboard, int slot, long id, EpollSocketChannel channel) {
        this.worker = worker;
        this.scoreboard = scoreboard;
        this.slot = slot;
        this.id = id;
        this.channel = channel;
    }

    long id() {
        return id;
    }

    void serve(HttpEngine engine, ByteBuf received) {
        // With bytes at hand it is not idle: if the worker died now, the monitor would park it and they would be lost.
        scoreboard.state(slot, received.isReadable() ? SlotState.READING : SlotState.IDLE);
        http = engine.serve(channel, received, this);
    }

    /** Lets it go as soon as no response is in progress. */
    void release() {
        http.release();
    }

    @Override
    public void state(HttpConnection.State next) {
        switch (next) {
            case IDLE -> scoreboard.state(slot, SlotState.IDLE);
            case READING -> scoreboard.state(slot, SlotState.READING);
            case HANDLING -> {
                scoreboard.state(slot, SlotState.HANDLING);
                worker.handling(id);
            }
            case ANSWERING -> scoreboard.state(slot, SlotState.ANSWERING);
        }
        if (answering && next != HttpConnection.State.ANSWERING) {
            scoreboard.answered();
        }
        answering = next == HttpConnection.State.ANSWERING;
    }

    @Override
    public void released(ByteBuf unread, HttpConnection.Reason reason) {
        try {
            if (worker.isMonitorGone() || unread.readableBytes() > Frame.MAX_PAYLOAD) {
                end(unread.readableBytes());
                return;
            }
            // Netty takes the descriptor off its epoll set before it closes it. Were it the other way round, the set
            // would go on watching a socket that the monitor still holds, under a number that another one gets.
            channel.close();
            worker.giveBack(slot, id, switch (reason) {
                case REQUESTED -> GiveBackReason.REQUESTED;
                case IDLE -> GiveBackReason.IDLE;
                case FOREIGN -> GiveBackReason.FOREIGN;
            }, unread.nioBuffer());
        } finally {
            unread.release();
            worker.left(this);
        }
    }

    /** Ends a connection that has no way back. */
    private void end(int unread) {
        if (!worker.isMonitorGone()) {
            LOG.warn("A connection with {} unread bytes cannot be given back: a frame holds {}", unread,
                    Frame.MAX_PAYLOAD);
        }
        channel.shutdown();
        channel.close();
    }

    @Override
    public void closed() {
        if (answering) {
            scoreboard.answered();
        }
        worker.left(this);
    }
}
