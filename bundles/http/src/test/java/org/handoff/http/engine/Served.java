package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import org.handoff.http.Durability;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection;
import org.handoff.http.KeptBody;
import org.handoff.http.ResponseTail;
import org.handoff.http.Router;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.loop.SharedLoop;
import org.handoff.http.loop.SteadyIo;
import org.handoff.testkit.Client;
import org.handoff.worker.api.Handler;

/** An engine on a real epoll loop, behind a listener that gives it each connection with some bytes read before. */
final class Served implements AutoCloseable {

    private static final long MEMORY = 16 << 20;

    /** Goes to the handlers' thread and back as often as it can. */
    private final SharedLoop loop = new SharedLoop("io", "handler", SteadyIo.newFactory(), new SharedLoop.Observer() {
        @Override
        public boolean areQuick() {
            return true;
        }

        @Override
        public void unwatched() {}

        @Override
        public void broken(Error cause) {
            throw cause;
        }
    });

    private final Channel listener;
    private volatile Action before = () -> {};
    private volatile TailTaker tailTaker;
    private volatile ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    final MemoryBudget memory;
    final HttpEngine engine;
    final List<Watched> connections = new CopyOnWriteArrayList<>();

    Served(HttpLimits limits, Handler handler) {
        this(limits, target -> target.path().startsWith("/foreign") ? null : new Router.Route("/", handler), "");
    }

    Served(HttpLimits limits, Router router, String received) {
        this(limits, new MemoryBudget(MEMORY), router, received);
    }

    Served(HttpLimits limits, MemoryBudget memory, Router router, String received) {
        this(limits, HandlerOptions.defaults(), memory, router, received);
    }

    Served(HandlerOptions options, Handler handler) {
        this(HttpLimits.defaults(), options, new MemoryBudget(MEMORY), target -> new Router.Route("/", handler), "");
    }

    private Served(HttpLimits limits, HandlerOptions options, MemoryBudget memory, Router router, String received) {
        this.memory = memory;
        engine = new HttpEngine(loop, limits, options, memory, router, loop.handlers());
        listener = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override
                    protected void initChannel(EpollSocketChannel channel) throws Exception {
                        before.call();
                        channel.config().setAllocator(allocator);
                        serveOnLoop(channel, received);
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
    }

    private Watched serveOnLoop(EpollSocketChannel channel, String received) {
        return serveOnLoop(channel, null, received, false);
    }

    private Watched serveOnLoop(EpollSocketChannel channel, FileInput earlier, String received, boolean keeps) {
        Watched watched = new Watched(channel, tailTaker);
        watched.keeps = keeps;
        connections.add(watched);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object data) {
                watched.received += ((ByteBuf) data).readableBytes();
                context.fireChannelRead(data);
            }
        });
        ByteBuf bytes = Unpooled.copiedBuffer(received, StandardCharsets.ISO_8859_1);
        watched.connection = engine.serve(channel, earlier, bytes, watched, watched);
        return watched;
    }

    /** Serves a connection that was released before. */
    Watched serve(EpollSocketChannel channel, String received) throws Exception {
        return loop.submit(() -> serveOnLoop(channel, received)).get();
    }

    /** Serves a connection that was released before. @param keeps whether its owner keeps requests */
    Watched serve(EpollSocketChannel channel, FileInput earlier, String received, boolean keeps) throws Exception {
        return loop.submit(() -> serveOnLoop(channel, earlier, received, keeps)).get();
    }

    /** Does this on the event loop, and waits for it. */
    void onLoop(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    interface Action {

        void call() throws Exception;
    }

    /** Does this on the event loop before it serves a connection. */
    void beforeServing(Action action) {
        before = action;
    }

    /** The buffers of connections come from there; before the first client. */
    void allocateFrom(ByteBufAllocator other) {
        allocator = other;
    }

    /** Takes the tails of responses. */
    interface TailTaker {

        /** On the event loop, as the owner's method. */
        void tail(Watched connection, ResponseTail tail, Runnable safe) throws IOException;
    }

    /** The owners of connections make use of the tails of responses; before the first client. */
    void takeTails(TailTaker taker) {
        tailTaker = taker;
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    Client client() throws IOException {
        return new Client(port());
    }

    /** The only connection so far. */
    Watched connection() {
        await("a connection", () -> !connections.isEmpty());
        return connections.get(connections.size() - 1);
    }

    /** Whether a response has begun on that connection, and all that was made of it is with the kernel. */
    boolean isWritten(int connection) {
        Watched watched = connections.get(connection);
        // On the event loop: what the handler made before this was asked is in the channel by then.
        return watched.states.contains(HttpConnection.State.ANSWERING)
                && watched.channel
                        .eventLoop()
                        .submit(() -> watched.channel.unsafe().outboundBuffer().totalPendingWriteBytes() == 0)
                        .syncUninterruptibly()
                        .getNow();
    }

    @Override
    public void close() throws Exception {
        listener.close().sync();
        engine.close();
        await("release of all that is held in memory", () -> memory.used() == 0);
        loop.closeHandlers();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    /** An owner that remembers what it was told. */
    static final class Watched implements HttpConnection.Owner, Durability {

        final EpollSocketChannel channel;
        private final TailTaker tailTaker;
        final List<HttpConnection.State> states = new CopyOnWriteArrayList<>();
        volatile HttpConnection connection;
        volatile String unread;
        volatile HttpConnection.Reason reason;
        volatile int ends;
        volatile boolean mayBegin = true;
        volatile boolean keeps;
        volatile boolean whole = true;
        volatile KeptBody kept;
        volatile long inFile;
        volatile int refused;
        volatile int runs;
        volatile long ending;
        volatile long received;

        Watched(EpollSocketChannel channel, TailTaker tailTaker) {
            this.channel = channel;
            this.tailTaker = tailTaker;
        }

        @Override
        public void state(HttpConnection.State state) {
            states.add(state);
        }

        @Override
        public boolean keepsRequests() {
            return keeps;
        }

        @Override
        public boolean isWhole() {
            return whole;
        }

        @Override
        public KeptBody body(long length) {
            return kept;
        }

        @Override
        public boolean begins() {
            if (!mayBegin) {
                refused++;
            }
            return mayBegin;
        }

        @Override
        public void runs() {
            runs++;
        }

        @Override
        public boolean keepsTail() {
            return tailTaker != null;
        }

        @Override
        public void tail(ResponseTail tail, Runnable safe) throws IOException {
            tailTaker.tail(this, tail, safe);
        }

        @Override
        public void ending(long bytes, boolean keeps) {
            ending = bytes;
        }

        @Override
        public void released(ByteBuf bytes, long rest, HttpConnection.Reason why) {
            unread = bytes.toString(StandardCharsets.ISO_8859_1);
            bytes.release();
            inFile = rest;
            reason = why;
            ends++;
        }

        @Override
        public void closed() {
            ends++;
        }
    }
}
