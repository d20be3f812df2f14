package org.handoff.lrwp.agent.internal.front;

import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection;
import org.handoff.http.engine.HttpEngine;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection while the agent serves it, by a second descriptor of its socket. On the loop of a
 * {@link FrontLoop}, but for the tasks for the monitor's.
 */
final class FrontConnection implements HttpConnection.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(FrontConnection.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final FrontLoop front;
    private final Connection connection;
    /** Those of the bytes that it began with that are in a file; closed here, or given back in part. */
    private final UnusedBytes received;

    private final EpollSocketChannel channel;
    private HttpEngine engine;
    private HttpConnection http;
    /** As {@link UnusedBytes#position}. */
    private long position;

    FrontConnection(FrontLoop front, Connection connection, UnusedBytes received, EpollSocketChannel channel) {
        this.front = front;
        this.connection = connection;
        // The others are the engine's, which counts them: kept here, they would be in memory beside its files.
        this.received = new UnusedBytes(received.spilled(), NOTHING, received.position());
        this.position = received.position();
        this.channel = channel;
    }

    /** @param rest the bytes that it began with and that are in no file */
    void serve(HttpEngine by, ByteBuffer rest) {
        engine = by;
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object data) {
                if (position != UnusedBytes.UNKNOWN) {
                    position += ((ByteBuf) data).readableBytes();
                }
                context.fireChannelRead(data);
            }
        });
        SpilledBytes spilled = received.spilled();
        FileInput file = spilled == null
                ? null
                : new FileInput(spilled.file().channel(), spilled.offset(), spilled.offset() + spilled.length());
        http = engine.serve(channel, file, Unpooled.wrappedBuffer(rest), this);
    }

    boolean isServedBy(HttpEngine one) {
        return engine == one;
    }

    /** Lets the connection go as soon as no response is in progress. */
    void release() {
        http.release();
    }

    @Override
    public void state(HttpConnection.State state) {
        // Not needed: the agent's connections end with the monitor's process.
    }

    @Override
    public void released(ByteBuf unread, long inFile, HttpConnection.Reason reason) {
        ByteBuffer rest = ByteBuffer.allocate(unread.readableBytes());
        unread.readBytes(rest).release();
        // Off the agent's epoll set first: the monitor's descriptor keeps the socket alive, and the set would watch it.
        channel.close();
        front.left(this);
        SpilledBytes spilled = inFile == 0 ? null : received.spilled().last(inFile);
        UnusedBytes unused = new UnusedBytes(spilled, rest.flip(), position);
        if (spilled == null) {
            received.close();
        }
        try {
            front.monitorLoop().execute(() -> {
                if (reason == HttpConnection.Reason.FOREIGN) {
                    connection.reroute(unused);
                } else {
                    connection.giveBack(unused);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("connection {} ends with the monitor", connection.id(), e);
            received.close();
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
        received.close();
    }
}
