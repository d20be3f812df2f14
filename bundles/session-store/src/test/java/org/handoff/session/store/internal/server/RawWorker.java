package org.handoff.session.store.internal.server;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.FrameReader;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.Request;
import org.handoff.session.protocol.SocketAddresses;

/** A worker that sends what it is told, right or wrong. */
final class RawWorker implements AutoCloseable {

    final SocketChannel channel;
    private final FrameReader reader = new FrameReader(Integer.MAX_VALUE);
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16).limit(0);

    RawWorker(Path socket) throws IOException {
        channel = SocketChannel.open(SocketAddresses.of(socket));
    }

    static RawWorker greeted(Path socket) throws IOException {
        RawWorker worker = new RawWorker(socket);
        if (!(worker.ask(new Request.Hello(Frames.VERSION)) instanceof Answer.Welcome)) {
            throw new IOException("not welcome");
        }
        return worker;
    }

    Answer ask(Request request) throws IOException {
        send(Frames.encode(request));
        return receive();
    }

    void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    Answer receive() throws IOException {
        ByteBuffer frame = reader.read(in);
        while (frame == null) {
            in.clear();
            if (channel.read(in) < 0) {
                in.limit(0);
                throw new EOFException("the store has ended the connection");
            }
            frame = reader.read(in.flip());
        }
        return Frames.answer(frame);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
