package org.handoff.lrwp.cgi;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

import org.handoff.lrwp.protocol.Size;
import org.handoff.lrwp.protocol.Words;

/**
 * The socket to the agent. Reading and writing wait if necessary, but while a program runs, its thread waits at {@link
 * #selector} for the agent's bytes and for the program's at once.
 */
final class Wire implements Closeable {

    private static final int BUFFER = 64 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    /** Only for waiting until the agent takes more, so that a program's output does not end that wait; or null. */
    private Selector room;

    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER).limit(0);

    private Wire(SocketChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        this.selector = selector;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    static Wire to(String host, int port) throws IOException {
        return new Wire(SocketChannel.open(new InetSocketAddress(host, port)), Selector.open());
    }

    /** Wakes up when the agent sends bytes; other channels may be registered too. */
    Selector selector() {
        return selector;
    }

    /** The next byte. */
    int read() throws IOException {
        await();
        return in.get() & 0xFF;
    }

    byte[] bytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        for (int got = 0; got < count; ) {
            await();
            int part = Math.min(count - got, in.remaining());
            in.get(bytes, got, part);
            got += part;
        }
        return bytes;
    }

    /** Copies this number of bytes. */
    void copy(int count, OutputStream to) throws IOException {
        byte[] piece = new byte[Math.min(count, BUFFER)];
        for (int left = count; left > 0; ) {
            await();
            int part = Math.min(left, in.remaining());
            in.get(piece, 0, part);
            to.write(piece, 0, part);
            left -= part;
        }
    }

    /** The size of the next part; a late cancellation before it is skipped. */
    int size() throws IOException {
        byte[] digits = new byte[Size.DIGITS];
        do {
            digits[0] = (byte) read();
        } while (digits[0] == Words.CANCEL);
        System.arraycopy(bytes(Size.DIGITS - 1), 0, digits, 1, Size.DIGITS - 1);
        return Size.parse(digits);
    }

    private void await() throws IOException {
        while (!fill()) {
            selector.select();
            selector.selectedKeys().clear();
        }
    }

    /** @return whether there are bytes to read, without waiting */
    private boolean fill() throws IOException {
        if (in.hasRemaining()) {
            return true;
        }
        int got = channel.read(in.clear());
        in.flip();
        if (got < 0) {
            throw new EOFException("the agent has closed it");
        }
        return got > 0;
    }

    /** Whether the agent has cancelled the request. Does not wait. */
    boolean isCancelled() throws IOException {
        if (!fill()) {
            return false;
        }
        if (in.get() != Words.CANCEL) {
            throw new IOException("the agent speaks while it is to listen");
        }
        return true;
    }

    /** Writes all of it. */
    void write(ByteBuffer out) throws IOException {
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                awaitRoom();
            }
        }
    }

    private void awaitRoom() throws IOException {
        if (room == null) {
            room = Selector.open();
            channel.register(room, SelectionKey.OP_WRITE);
        }
        room.select();
        room.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
        if (room != null) {
            room.close();
        }
    }
}
