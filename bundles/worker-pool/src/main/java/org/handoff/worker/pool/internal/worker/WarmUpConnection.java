package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.channel.unix.Socket;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's side of a connection for one request of a warm-up. It goes to one worker only: whatever becomes of it
 * there, it ends. On the event loop only.
 */
final class WarmUpConnection implements Connection {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUpConnection.class);

    /** Counts down, as the monitor's ids count up. */
    private static final AtomicLong IDS = new AtomicLong(Long.MAX_VALUE);

    private final long id = IDS.getAndDecrement();
    private final Socket socket;
    private Holder holder;

    /** @param descriptor of a connected socket; closed here in the end */
    WarmUpConnection(int descriptor) {
        socket = new Socket(descriptor);
    }

    /** Ends the connection for the worker too. */
    void end() {
        if (!socket.isOpen()) {
            return;
        }
        Holder told = holder;
        holder = null;
        try {
            socket.shutdown();
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("the warm-up's connection has ended already", e);
        }
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("the descriptor of a warm-up cannot be closed", e);
        }
        if (told != null) {
            told.closed(this);
        }
    }

    private void endTaken() {
        holder = null;
        end();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public int descriptor() {
        return socket.intValue();
    }

    @Override
    public UnusedBytes unused() {
        return UnusedBytes.none(0);
    }

    @Override
    public void handedOff(Holder by) {
        holder = by;
    }

    @Override
    public void notTaken() {
        endTaken();
    }

    @Override
    public void keeps(int bytes) {
        // Nobody bounds the memory of a pool's own requests, one at a time.
    }

    @Override
    public void giveBack(UnusedBytes unused) {
        unused.close();
        endTaken();
    }

    @Override
    public void giveBackUnchanged() {
        endTaken();
    }

    @Override
    public void reroute(UnusedBytes unused) {
        giveBack(unused);
    }

    @Override
    public Progress progress() throws IOException {
        throw new IOException("nothing of a warm-up has to be saved");
    }

    @Override
    public void complete(ResponseTail tail, boolean keep, Duration patience, UnusedBytes unused) {
        try {
            tail.close();
        } catch (IOException e) {
            LOG.debug("the file of a response cannot be closed", e);
        }
        giveBack(unused);
    }

    @Override
    public void answer(int status) {
        endTaken();
    }

    @Override
    public void unavailable(int retryAfterSeconds) {
        endTaken();
    }

    @Override
    public void cut() {
        endTaken();
    }
}
