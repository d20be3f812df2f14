package org.handoff.servlet.internal.session.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.FrameReader;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.MalformedFrameException;
import org.handoff.session.protocol.Request;
import org.handoff.session.protocol.SocketAddresses;

/** A connection to the store in Karaf's process. After an exception it is of no use. On one thread at a time. */
final class StoreConnection implements AutoCloseable {

    /** A store that takes longer hangs. */
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int READ = 16 << 10;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final FrameReader reader = new FrameReader(Frames.MOST_SMALL);
    private final ByteBuffer in = ByteBuffer.allocate(READ);
    private final int mostBytes;

    /** Connects. @throws IOException if there is no store, or it does not welcome this one */
    StoreConnection(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector opened = null;
        try {
            channel.configureBlocking(false);
            if (!channel.connect(SocketAddresses.of(socket))) {
                throw new IOException("too many connections wait for it");
            }
            opened = Selector.open();
            selector = opened;
            key = channel.register(selector, 0);
            if (!(ask(new Request.Hello(Frames.VERSION)) instanceof Answer.Welcome welcome)) {
                throw new MalformedFrameException("another answer than a welcome");
            }
            mostBytes = welcome.most();
            reader.most(Frames.most(Frames.MOST_SESSION));
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (opened != null) {
                opened.close();
            }
            throw e;
        }
    }

    /** The most bytes of a session. */
    int mostBytes() {
        return mostBytes;
    }

    /**
     * Sends a request and waits for the answer.
     *
     * @throws StoreSilentException if none comes in time
     * @throws IOException if the connection has ended, or the store refuses
     */
    Answer ask(Request request) throws IOException {
        long begin = System.nanoTime();
        ByteBuffer out = Frames.encode(request);
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                await(SelectionKey.OP_WRITE, begin);
            }
        }
        ByteBuffer frame = null;
        while (frame == null) {
            int count = channel.read(in.clear());
            if (count < 0) {
                throw new EOFException("it has ended the connection");
            }
            if (count == 0) {
                await(SelectionKey.OP_READ, begin);
            }
            frame = reader.read(in.flip());
        }
        Answer answer = Frames.answer(frame);
        if (answer instanceof Answer.Refused refused) {
            throw new IOException("it refuses: " + refused.reason());
        }
        return answer;
    }

    private void await(int operation, long begin) throws IOException {
        long left = DEADLINE_NANOS - (System.nanoTime() - begin);
        if (left <= 0) {
            throw new StoreSilentException("no answer within " + TimeUnit.NANOSECONDS.toSeconds(DEADLINE_NANOS) + " s");
        }
        key.interestOps(operation);
        selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new StoreSilentException("interrupted while waiting for its answer");
        }
    }

    /** Ends the connection. */
    @Override
    public void close() {
        try (selector) {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
