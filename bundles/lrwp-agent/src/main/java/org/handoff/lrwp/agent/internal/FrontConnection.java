package org.handoff.lrwp.agent.internal;

import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection;
import org.handoff.http.engine.HttpEngine;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.EarlierBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection while the agent serves it, by a second descriptor of its socket. On the agent's loop, but for
 * what is left to the monitor's.
 */
final class FrontConnection implements HttpConnection.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(FrontConnection.class);

    private final MonitorFront front;
    private final Connection connection;
    /** The first bytes of its first request, or null; closed here, or given back. */
    private final EarlierBytes earlier;

    private final EpollSocketChannel channel;
    private HttpEngine engine;
    private HttpConnection http;
    /** As {@link Connection#position}. */
    private long position;

    FrontConnection(
            MonitorFront front,
            Connection connection,
            long position,
            EarlierBytes earlier,
            EpollSocketChannel channel) {
        this.front = front;
        this.connection = connection;
        this.position = position;
        this.earlier = earlier;
        this.channel = channel;
    }

    void serve(HttpEngine by, ByteBuf received) {
        engine = by;
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object data) {
                if (position != Connection.UNKNOWN) {
                    position += ((ByteBuf) data).readableBytes();
                }
                context.fireChannelRead(data);
            }
        });
        FileInput file = earlier == null
                ? null
                : new FileInput(earlier.file().channel(), earlier.offset(), earlier.offset() + earlier.length());
        http = engine.serve(channel, file, received, this);
    }

    boolean isServedBy(HttpEngine one) {
        return engine == one;
    }

    /** Lets it go as soon as no response is in progress. */
    void release() {
        http.release();
    }

    @Override
    public void state(HttpConnection.State state) {
        // Nobody watches: what the agent holds ends with the monitor's process.
    }

    @Override
    public void released(ByteBuf unread, long inFile, HttpConnection.Reason reason) {
        ByteBuffer unused = ByteBuffer.allocate(unread.readableBytes());
        unread.readBytes(unused).release();
        unused.flip();
        // Off the agent's epoll set first: the monitor's descriptor keeps the socket alive, and the set would watch it.
        channel.close();
        front.left(this);
        EarlierBytes first = inFile == 0
                ? null
                : new EarlierBytes(earlier.file(), earlier.offset() + earlier.length() - inFile, inFile);
        if (first == null) {
            closeFile();
        }
        try {
            front.monitorLoop().execute(() -> {
                if (reason == HttpConnection.Reason.FOREIGN) {
                    connection.foreign(first, unused, position);
                } else {
                    connection.giveBack(first, unused, position);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("connection {} ends with the monitor", connection.id(), e);
            closeFile();
        }
    }

    @Override
    public void failed(boolean begun) {
        closed();
        try {
            front.monitorLoop().execute(connection::cut);
        } catch (RejectedExecutionException e) {
            LOG.debug("connection {} ends with the monitor", connection.id(), e);
        }
    }

    @Override
    public void closed() {
        front.left(this);
        closeFile();
    }

    private void closeFile() {
        if (earlier != null) {
            MonitorFront.close(earlier.file());
        }
    }
}
