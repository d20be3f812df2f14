package org.handoff.worker.pool.internal.worker;

import java.time.Duration;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.UnusedBytes;

/** A connection that notes its answer, for what only queues connections. */
public final class TestConnection implements Connection {

    public int answered;
    public int givenBack;
    int kept;
    public boolean open = true;
    public RoutedContext context;

    @Override
    public long id() {
        return 1;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public RoutedContext context() {
        return context;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public UnusedBytes unused() {
        return UnusedBytes.none(0);
    }

    @Override
    public void keeps(int bytes) {
        kept = bytes;
    }

    @Override
    public Progress progress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void handedOff(Holder holder) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void notTaken() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void giveBack(UnusedBytes unused) {
        givenBack++;
    }

    @Override
    public void giveBackUnchanged() {
        giveBack(unused());
    }

    @Override
    public void reroute(UnusedBytes unused) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void complete(ResponseTail tail, boolean keep, Duration patience, UnusedBytes unused) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void answer(int status) {
        answered = status;
    }

    @Override
    public void unavailable(int retryAfterSeconds) {
        answer(503);
    }

    @Override
    public void cut() {
        throw new UnsupportedOperationException();
    }
}
