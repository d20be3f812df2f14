package org.handoff.session.store.internal.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.FrameReader;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.MalformedFrameException;
import org.handoff.session.protocol.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a worker: reads a request, answers it, and reads the next one when the answer is written. So it
 * holds one request or one answer at most. On the store's thread.
 */
final class WorkerConnection implements StoreServer.Ready {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerConnection.class);

    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PoolSocket socket;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final FrameReader reader = new FrameReader(Frames.MOST_SMALL);
    private ByteBuffer answer;
    /** The most bytes of a session, as it was told. */
    private int mostBytes;

    private boolean welcomed;
    private boolean refused;
    /** What it has of {@link PoolSocket#count}. */
    private long counted;
    /** Since when a request or an answer is incomplete. */
    private long since;

    private boolean isWaiting;

    WorkerConnection(PoolSocket socket, SocketChannel channel, Selector selector) throws IOException {
        this.socket = socket;
        this.channel = channel;
        try {
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        // For the first request.
        waits();
    }

    private void waits() {
        since = isWaiting ? since : System.nanoTime();
        isWaiting = true;
    }

    @Override
    public Object owner() {
        return socket;
    }

    @Override
    public void ready() throws IOException {
        if (answer != null) {
            write();
            return;
        }
        ByteBuffer in = socket.buffer();
        int count = channel.read(in);
        if (count < 0) {
            close();
            return;
        }
        try {
            read(in.flip());
        } catch (MalformedFrameException e) {
            refuse(e.getMessage());
        }
    }

    private void read(ByteBuffer in) throws IOException {
        ByteBuffer frame = reader.read(in);
        if (frame == null) {
            if (reader.isWithin()) {
                waits();
                count(reader.collected());
            }
            return;
        }
        count(0);
        if (in.hasRemaining()) {
            throw new MalformedFrameException("a request before the answer to the former one");
        }
        answer(Frames.request(frame, mostBytes));
    }

    private void answer(Request request) throws IOException {
        if (request instanceof Request.Hello hello) {
            if (hello.version() != Frames.VERSION) {
                refuse("version " + hello.version() + " of the protocol; this store speaks version " + Frames.VERSION);
                return;
            }
            welcomed = true;
            mostBytes = socket.settings().sessionBytes();
            reader.most(Frames.most(mostBytes));
            send(new Answer.Welcome(Frames.VERSION, mostBytes));
        } else if (welcomed) {
            send(socket.memory().answer(socket.pool(), request));
        } else {
            throw new MalformedFrameException("a request before HELLO");
        }
    }

    private void send(Answer sent) throws IOException {
        isWaiting = false;
        answer = Frames.encode(sent);
        write();
    }

    private void write() throws IOException {
        channel.write(answer);
        if (!answer.hasRemaining()) {
            answer = null;
            isWaiting = false;
            count(0);
            key.interestOps(SelectionKey.OP_READ);
            if (refused) {
                close();
            }
            return;
        }
        waits();
        key.interestOps(SelectionKey.OP_WRITE);
        count(answer.capacity());
    }

    /** Answers what is wrong, and ends the connection. */
    private void refuse(String reason) throws IOException {
        socket.complain(reason);
        refused = true;
        send(new Answer.Refused(reason));
    }

    private void count(long bytes) {
        long more = bytes - counted;
        counted = bytes;
        socket.count(more);
    }

    /** Its bytes on their way. */
    long counted() {
        return counted;
    }

    /** Since when they have been. */
    long since() {
        return since;
    }

    /** Ends the connection if the worker takes too long. */
    void look(long now) {
        if (isWaiting && now - since > DEADLINE_NANOS) {
            socket.complain(answer == null ? "a request did not come completely" : "a worker did not take the answer");
            close();
        }
    }

    @Override
    public void failed(Throwable failure) {
        if (failure instanceof IOException) {
            // The worker was killed.
            LOG.debug("a connection of pool {} ends", socket.pool().name(), failure);
        } else {
            LOG.error(
                    "A request to the sessions of pool {} failed", socket.pool().name(), failure);
        }
        close();
    }

    /** Ends the connection if it was told another bound than this, as soon as nothing is on its way. */
    void endIfToldOther(int most) {
        if (welcomed && mostBytes != most && !isWaiting) {
            close();
        }
    }

    void close() {
        count(0);
        socket.gone(this);
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection of pool {} cannot be closed", socket.pool().name(), e);
        }
    }
}
