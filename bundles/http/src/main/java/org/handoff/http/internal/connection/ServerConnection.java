package org.handoff.http.internal.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.request.CollectedRequest;
import org.handoff.http.internal.request.ReplayBuffer;
import org.handoff.http.internal.request.RequestBody;
import org.handoff.http.internal.request.RequestReader;
import org.handoff.http.internal.request.SpillInput;
import org.handoff.http.internal.response.ConnectionReset;
import org.handoff.http.internal.response.EventLoopResponse;
import org.handoff.http.internal.response.GuardedTasks;
import org.handoff.http.internal.response.HandlerResponse;
import org.handoff.http.internal.response.ResponseListener;
import org.handoff.http.internal.response.ResponseWriter;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MinimumRate;
import org.handoff.http.loop.SystemErrors;
import org.handoff.http.message.ErrorPage;
import org.handoff.http.routing.MalformedRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: decides what happens next. The only handler of its pipeline, and but for {@link #release} and
 * {@link #execute} the event loop's alone.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter implements HttpConnection, ResponseListener {

    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    private static final ByteBuf CONTINUE = Unpooled.unreleasableBuffer(
                    Unpooled.copiedBuffer("HTTP/1.1 100 Continue\r\n\r\n", StandardCharsets.US_ASCII))
            .asReadOnly();
    private static final InetSocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);
    /** What may wait unread while a request is answered: enough for a few pipelined ones. */
    private static final int READ_AHEAD = 16 * 1024;

    private final ServedConnections engine;
    private final HttpLimits limits;
    private final Channel channel;
    private final Owner owner;
    private final RequestReader reader;
    private final GuardedTasks tasks;
    private final ResponseWriter responses;
    private final MinimumRate pace = new MinimumRate();
    /** Null where the owner keeps requests. */
    private final ReplayBuffer kept;
    /** What is read before the socket, or null. */
    private final SpillInput earlier;

    private ByteBuf in;
    private ChannelHandlerContext ctx;
    private InetSocketAddress client;
    private LingeringClose lingering;
    private State state = State.IDLE;
    /** The request that is complete, until it is answered; else null. */
    private Exchange exchange;

    private long idleSince = System.nanoTime();
    /** What the head costs of the request that is answered next, in bytes of memory. */
    private long headBytes;
    /** What is counted in the engine's memory. */
    private long counted;
    /** What came behind the present request was thrown away, so that no other one can follow. */
    private boolean last;
    /** Whether the request that is answered next has the method HEAD. */
    private boolean headMethod;

    private boolean bodyBegun;
    private boolean releaseWanted;
    private boolean inputEnded;
    private boolean begun;
    private boolean gone;
    private Reason leaving;
    /** The response of a streaming handler that is not complete; null for none. */
    private EventLoopResponse streamed;

    /** @param received what is at hand already, or null */
    ServerConnection(
            ServedConnections engine,
            HttpLimits limits,
            Channel channel,
            SpillInput earlier,
            ByteBuf received,
            Owner owner) {
        this.engine = engine;
        this.limits = limits;
        this.channel = channel;
        this.owner = owner;
        this.earlier = earlier;
        in = received;
        kept = owner.keepsRequests() ? null : new ReplayBuffer();
        reader = new RequestReader(limits, engine.memory(), kept == null, engine::currentRouter, channel.alloc());
        tasks = new GuardedTasks(engine.loop(), this::brokenOff);
        responses = new ResponseWriter(this, tasks, owner, limits, engine.memory());
    }

    // ---- events of the channel

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        responses.attach(context);
        // The client's end is not the connection's: another process holds the socket too.
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
    }

    /** Looks at what was received before. Bytes that come earlier than this call wait for it. */
    void begin() {
        if (gone) {
            return;
        }
        begun = true;
        client = channel.remoteAddress() instanceof InetSocketAddress address ? address : UNKNOWN;
        channel.config().setAutoRead(true);
        if (earlier != null) {
            // It may have been on before, when nobody was there yet to hear of it.
            ctx.read();
        }
        advance();
        count();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        if (lingering != null || gone || last) {
            int count = data.readableBytes();
            data.release();
            if (lingering != null && lingering.isEnough(count)) {
                abort();
            }
            return;
        }
        append(data);
        if (leaving != null) {
            return;
        }
        if (state == State.IDLE || state == State.READING) {
            advance();
        } else if (in.readableBytes() > READ_AHEAD) {
            channel.config().setAutoRead(false);
        }
        count();
    }

    private void append(ByteBuf data) {
        if (in == null) {
            in = data;
        } else {
            if (in.refCnt() == 1 && !in.isReadOnly()) {
                in.discardSomeReadBytes();
            }
            in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), in, data);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !gone) {
            inputEnded = true;
            tellInputEnded();
            if (leaving != null || !begun) {
                return;
            }
            if (lingering != null || state == State.IDLE || state == State.READING) {
                abort();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Error error) {
            broken(error);
            abort();
        } else if (cause instanceof IOException) {
            lost(cause);
        } else {
            LOG.error("A connection failed", cause);
            abort();
        }
    }

    /** Netty has closed it, and without any word before: nobody watches it any more. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail();
    }

    // ---- requests

    private void advance() {
        if (!begun || gone || leaving != null || lingering != null) {
            return;
        }
        if (releaseWanted && isWhole()) {
            letGo(Reason.REQUESTED);
            return;
        }
        try {
            read();
        } catch (MalformedRequestException e) {
            LOG.debug("Refused a request with {}: {}", e.status(), e.getMessage());
            refuse(e.status());
        } catch (IOException e) {
            engine.countUnkept(e);
            refuse(503);
        }
    }

    private void read() throws MalformedRequestException, IOException {
        RequestReader.Progress progress = in == null ? RequestReader.Progress.NONE : readFrom(in);
        switch (progress) {
            case FOREIGN -> letGo(Reason.FOREIGN);
            case COMPLETE -> handle();
            default -> awaitMore(progress);
        }
    }

    private RequestReader.Progress readFrom(ByteBuf buffer) throws MalformedRequestException, IOException {
        if (state == State.IDLE && buffer.isReadable()) {
            pace.start(limits.headerTime());
            bodyBegun = false;
        }
        int start = buffer.readerIndex();
        RequestReader.Progress progress = reader.read(buffer);
        if (kept != null && !reader.between()) {
            kept.add(buffer, start, buffer.readerIndex() - start);
        }
        if (progress != RequestReader.Progress.NONE && progress != RequestReader.Progress.FOREIGN) {
            change(State.READING);
        }
        if (!buffer.isReadable()) {
            buffer.release();
            in = null;
        }
        return progress;
    }

    /** Whether the request that has come, all or in part, can be given away. */
    private boolean isWhole() {
        return exchange == null && reader.between() || (kept == null ? owner.isWhole() : kept.isWhole());
    }

    private void awaitMore(RequestReader.Progress progress) {
        if (inputEnded) {
            abort();
            return;
        }
        if (progress == RequestReader.Progress.BODY && !bodyBegun) {
            bodyBegun = true;
            pace.start(limits.bodyTime());
            if (reader.takeContinue()) {
                owner.continuing();
                ctx.writeAndFlush(CONTINUE.duplicate());
            }
        }
        if (!channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    private void handle() throws IOException {
        RequestHead head = reader.head();
        Router.Route route = reader.route();
        headBytes = reader.headBytes();
        headMethod = head.isHead();
        RequestBody body = reader.takeBody();
        if (body.isElsewhere()) {
            body.found(owner.body(body.length()));
        }
        if (route.streaming() != null) {
            stream(head, route, body);
            return;
        }
        exchange = new Exchange(head, route, body, client, new HandlerResponse(responses, channel.alloc(), head), this);
        change(State.HANDLING);
        if (in != null && in.readableBytes() > READ_AHEAD) {
            channel.config().setAutoRead(false);
        }
        try {
            engine.handlers().execute(exchange);
        } catch (RejectedExecutionException e) {
            LOG.warn("No thread takes a request of {}", route.context(), e);
            exchange.cancel();
            refuse(503);
        }
    }

    private void stream(RequestHead head, Router.Route route, RequestBody body) {
        InetSocketAddress server = channel.localAddress() instanceof InetSocketAddress address ? address : UNKNOWN;
        CollectedRequest request = new CollectedRequest(head, body, client, server);
        streamed = new EventLoopResponse(this, tasks, responses, channel.alloc(), head);
        change(State.HANDLING);
        if (in != null && in.readableBytes() > READ_AHEAD) {
            channel.config().setAutoRead(false);
        }
        try {
            route.streaming().handle(request, streamed);
        } catch (RuntimeException e) {
            LOG.error("The handler of {} failed at {} {}", route.context(), request.method(), request.path(), e);
            request.close();
            streamed.fail(500);
        }
        tellInputEnded();
    }

    private void tellInputEnded() {
        if (inputEnded && streamed != null) {
            streamed.inputEnded();
        }
    }

    /** The handler is about to be called; see {@link HttpConnection.Owner#begins}. On the handler's thread. */
    boolean begins() {
        return owner.begins();
    }

    /** The handler was not called after all. On the handler's thread. */
    void notBegun() {
        execute(() -> {
            if (releaseWanted) {
                release();
            }
            if (!isWhole() && leaving == null && !gone && exchange.cancel()) {
                // It can neither begin here nor leave.
                exchange = null;
                refuse(503);
            }
        });
    }

    // ---- responses

    /** Does something for this connection on the event loop, soon. */
    void execute(Runnable task) {
        tasks.execute(task);
    }

    /** Does something on the event loop, which would only log an error, and go on as if nothing were. */
    void guard(Runnable task) {
        tasks.run(task);
    }

    private void brokenOff(Error cause) {
        broken(cause);
        abort();
    }

    private void broken(Error cause) {
        owner.broken(cause);
        LOG.error("A connection is cut by an error of the JVM", cause);
    }

    @Override
    public void answering() {
        change(State.ANSWERING);
        if (exchange != null) {
            // The handler has what it needs; a slow client is no reason to keep the request.
            exchange = null;
            headBytes = 0;
            count();
        }
    }

    @Override
    public void answered(boolean keepAlive) {
        exchange = null;
        streamed = null;
        headBytes = 0;
        if (kept != null) {
            kept.clear();
        }
        if (!keepAlive || last) {
            linger();
            return;
        }
        idleSince = System.nanoTime();
        change(State.IDLE);
        advance();
        count();
    }

    private void change(State next) {
        if (state != next) {
            state = next;
            owner.state(next);
        }
    }

    /** Answers for the server itself, and ends the connection. */
    private void refuse(int status) {
        boolean headOnly = state == State.HANDLING ? headMethod : reader.isHead();
        change(State.ANSWERING);
        lingering = new LingeringClose();
        discard();
        ctx.writeAndFlush(ErrorPage.response(channel.alloc(), status, headOnly))
                .addListener((ChannelFutureListener) written -> guard(this::linger));
    }

    /** Ends the connection so that the client still gets what it was sent. */
    private void linger() {
        if (gone) {
            return;
        }
        if (lingering == null) {
            lingering = new LingeringClose();
        }
        if (inputEnded || !(channel instanceof DuplexChannel duplex)) {
            abort();
            return;
        }
        discard();
        duplex.shutdownOutput();
        channel.config().setAutoRead(true);
    }

    /** Forgets what has come, and what is still to come: no other request is looked at. */
    private void discard() {
        owner.discards();
        ReferenceCountUtil.release(in);
        in = null;
        headBytes = 0;
        dropRequest();
        count();
    }

    private void dropRequest() {
        try {
            reader.drop();
        } catch (IOException e) {
            LOG.warn("A request's body could not be closed", e);
        }
    }

    // ---- memory

    /** Counts what is kept of requests that no handler was called for. */
    private void count() {
        long before = counted;
        counted = gone ? 0 : (in == null ? 0 : in.capacity()) + Math.max(headBytes, reader.headBytes());
        engine.count(this, before, counted);
    }

    /**
     * Frees what is counted, as all connections together keep too much.
     *
     * @return false if that is with a handler already
     */
    boolean makeRoom() {
        if (leaving != null) {
            return false;
        }
        if (state == State.IDLE || state == State.READING) {
            refuse(503);
            return true;
        }
        if (exchange != null && exchange.cancel()) {
            exchange = null;
            refuse(503);
            return true;
        }
        if (in == null) {
            return false;
        }
        last = true;
        in.release();
        in = null;
        channel.config().setAutoRead(false);
        count();
        return true;
    }

    // ---- the end

    @Override
    public void release() {
        if (engine.loop().inEventLoop()) {
            releaseWanted = true;
            if (state == State.IDLE || state == State.READING) {
                advance();
            } else if (state == State.HANDLING
                    && leaving == null
                    && !gone
                    && !last
                    && exchange != null
                    && isWhole()
                    && exchange.cancel()) {
                letGo(Reason.REQUESTED);
            }
        } else {
            execute(this::release);
        }
    }

    @Override
    public long readAhead() {
        return (in == null ? 0 : in.readableBytes()) + (earlier == null ? 0 : earlier.remaining());
    }

    private void letGo(Reason reason) {
        leaving = reason;
        channel.config().setAutoRead(false);
        // When the client closes its side Netty reads to the end whatever we say, so the channel leaves its loop
        // first; what is read until then goes along.
        channel.deregister().addListener(deregistered -> guard(this::left));
    }

    private void left() {
        if (gone) {
            return;
        }
        gone = true;
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        }
        ByteBuf unread = in == null ? Unpooled.EMPTY_BUFFER : in;
        in = null;
        if (kept != null && (exchange != null || !reader.between())) {
            unread = kept.before(unread);
        }
        long inFile = 0;
        if (earlier != null && !earlier.isDone()) {
            // As long as not all of the file was brought, nothing else was.
            inFile = unread.readableBytes() + earlier.inFile();
            unread.release();
            unread = earlier.takeBehind();
            ctx.pipeline().remove(earlier);
        }
        giveBack();
        ctx.pipeline().remove(this);
        owner.released(unread, inFile, leaving);
    }

    /** Ends the connection now, in both directions and for every process that holds it. */
    void abort() {
        if (gone) {
            return;
        }
        gone = true;
        boolean begun = giveBack();
        ChannelFuture shutdown = null;
        if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            if (state == State.ANSWERING && lingering == null && !duplex.isOutputShutdown()) {
                ConnectionReset.send(channel);
            }
            shutdown = duplex.shutdown();
        }
        channel.close();
        if (shutdown != null && SystemErrors.isRefusal(shutdown.cause())) {
            owner.failed(begun);
        } else {
            owner.closed();
        }
    }

    /** Leaves it to the others who have it, as the system refuses what it needs here. */
    void fail() {
        if (gone) {
            return;
        }
        gone = true;
        boolean begun = giveBack();
        // Not shut down: its client may be there.
        channel.close();
        owner.failed(begun);
    }

    @Override
    public void lost(Throwable cause) {
        if (SystemErrors.isRefusal(cause)) {
            LOG.debug("A connection cannot go on here", cause);
            fail();
        } else {
            LOG.debug("A client left", cause);
            abort();
        }
    }

    @Override
    public void abandoned(Abandonment why) {
        switch (why) {
            case TOO_SLOW -> cut();
            case NO_ROOM -> {
                engine.countCut();
                abort();
            }
            case NO_FILE -> fail();
            case WRONG_LENGTH -> abort();
        }
    }

    private void cut() {
        LOG.debug("Cut a client that took its response too slowly");
        abort();
    }

    /** @return whether a handler was called for the present request */
    private boolean giveBack() {
        engine.forget(this);
        // Where its turn has not come, nobody waits for the answer any more.
        boolean begun = exchange != null ? !exchange.cancel() : streamed != null;
        responses.close();
        if (streamed != null) {
            streamed.gone();
            streamed = null;
        }
        ReferenceCountUtil.release(in);
        in = null;
        dropRequest();
        reader.close();
        count();
        return begun;
    }

    /** Acts where a time is up. */
    void checkTime(long now) {
        if (leaving != null) {
            return;
        }
        if (lingering != null) {
            if (lingering.isOver(now)) {
                abort();
            }
            return;
        }
        switch (state) {
            case IDLE -> {
                if (now - idleSince > limits.idleTime().toNanos()) {
                    letGo(Reason.IDLE);
                }
            }
            case READING -> {
                long received = reader.between() ? in.readableBytes() : reader.bodyBytes();
                if (pace.late(now, received)) {
                    refuse(408);
                }
            }
            default -> {
                if (responses.late(now)) {
                    cut();
                }
            }
        }
    }
}
