package org.handoff.http.internal.connection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import org.handoff.http.Durability;
import org.handoff.http.HttpConnection;
import org.handoff.http.internal.request.RequestReader.Progress;
import org.handoff.http.internal.request.SpillInput;
import org.handoff.http.internal.response.GuardedTasks;
import org.handoff.http.internal.response.ResponseListener;
import org.handoff.http.internal.response.ResponseWriter;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.routing.MalformedRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: decides the next step, by its {@link ConnectionPhase}. The only handler of its pipeline; on the event
 * loop only, but for {@link #release} and {@link #execute}.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter implements HttpConnection, ResponseListener {

    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    private static final ByteBuf CONTINUE = Unpooled.unreleasableBuffer(
                    Unpooled.copiedBuffer("HTTP/1.1 100 Continue\r\n\r\n", StandardCharsets.US_ASCII))
            .asReadOnly();

    private final ServedConnections engine;
    private final HttpLimits limits;
    private final Channel channel;
    private final Durability durability;
    private final ConnectionState state;
    private final RequestIntake intake;
    private final GuardedTasks tasks;
    private final ResponseWriter responses;
    private final EngineAccount account;
    private final ConnectionEnding ending;
    private final Dispatcher dispatcher;

    private ChannelHandlerContext ctx;
    private long idleSince = System.nanoTime();
    private boolean releaseWanted;

    /** @param received the bytes at hand, or null */
    ServerConnection(
            ServedConnections engine,
            HttpLimits limits,
            Channel channel,
            SpillInput spilled,
            ByteBuf received,
            Owner owner,
            Durability durability) {
        this.engine = engine;
        this.limits = limits;
        this.channel = channel;
        this.durability = durability;
        intake = new RequestIntake(engine, limits, channel.alloc(), spilled, received, durability);
        state = new ConnectionState(owner);
        tasks = new GuardedTasks(engine.loop(), this::broken);
        responses = new ResponseWriter(this, tasks, durability, limits, engine.memory());
        account = new EngineAccount(engine, this);
        ending = new ConnectionEnding(channel, owner, durability, state, intake, responses, account, tasks);
        dispatcher = new Dispatcher(this, channel, durability, state, tasks, responses, limits, engine);
    }

    // ---- events of the channel

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        responses.attach(context);
        ending.attach(context);
        // The client's end does not end the connection: another process holds the socket too.
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
    }

    /** Processes the bytes received before. Bytes that come earlier than this call wait for it. */
    void begin() {
        if (state.isGone()) {
            return;
        }
        dispatcher.begin();
        channel.config().setAutoRead(true);
        if (intake.hasSpilled()) {
            // Reading may have been on before, when this handler was not there yet.
            ctx.read();
        }
        if (state.is(ConnectionPhase.NEW)) {
            state.move(ConnectionPhase.IDLE);
            advance();
        }
        count();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        if (state.is(ConnectionPhase.LINGERING) || state.isGone() || intake.isClosed()) {
            throwAway(data);
            return;
        }
        intake.add(channel.alloc(), data);
        switch (state.phase()) {
            case IDLE, READING_HEAD, READING_BODY -> advance();
            case HANDLING, ANSWERING -> boundReadAhead();
            case LEAVING -> {
                return;
            }
            default -> {
                // The bytes wait for begin().
            }
        }
        count();
    }

    private void throwAway(ByteBuf data) {
        int count = data.readableBytes();
        data.release();
        ending.discarded(count);
    }

    private void boundReadAhead() {
        if (intake.isFull()) {
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !state.isGone()) {
            state.inputEnded();
            if (state.isReading() || state.is(ConnectionPhase.LINGERING)) {
                abort();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ending.failed(cause);
    }

    /** Netty has closed the channel, without any event before: no loop watches it any more. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail();
    }

    /** Runs a task for this connection on the event loop, soon. Any thread may call it. */
    void execute(Runnable task) {
        tasks.execute(task);
    }

    private void broken(Error cause) {
        ending.broken(cause);
    }

    // ---- requests

    /** Reads on, if the next request is awaited. */
    private void advance() {
        if (!state.isReading()) {
            return;
        }
        if (releaseWanted && isWhole()) {
            ending.letGo(Reason.REQUESTED);
            return;
        }
        try {
            read();
        } catch (MalformedRequestException e) {
            LOG.debug("Refused a request with {}: {}", e.status(), e.getMessage());
            ending.refuse(e.status());
        } catch (IOException e) {
            engine.countUnkept(e);
            ending.refuse(503);
        }
    }

    private void read() throws MalformedRequestException, IOException {
        Progress progress = intake.read(state.is(ConnectionPhase.IDLE));
        if (state.is(ConnectionPhase.IDLE) && progress != Progress.NONE && progress != Progress.FOREIGN) {
            state.move(ConnectionPhase.READING_HEAD);
        }
        switch (progress) {
            case FOREIGN -> ending.letGo(Reason.FOREIGN);
            case COMPLETE -> handle();
            default -> awaitMore(progress);
        }
    }

    /** Whether the request, complete or not, can be given away with all its bytes. */
    private boolean isWhole() {
        return intake.isWhole(state.exchange() != null);
    }

    private void awaitMore(Progress progress) {
        if (state.hasInputEnded()) {
            abort();
            return;
        }
        if (progress == Progress.BODY && state.is(ConnectionPhase.READING_HEAD)) {
            state.move(ConnectionPhase.READING_BODY);
            intake.awaitBody();
            if (intake.takeContinue()) {
                durability.continuing();
                ctx.writeAndFlush(CONTINUE.duplicate());
            }
        }
        if (!channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    private void handle() throws IOException {
        if (!dispatcher.dispatch(intake.complete())) {
            ending.refuse(503);
        } else if (state.is(ConnectionPhase.HANDLING)) {
            boundReadAhead();
        }
    }

    /** The handler was not called after all. On the handlers' thread. */
    void notBegun() {
        execute(() -> {
            if (releaseWanted) {
                release();
            }
            if (state.is(ConnectionPhase.HANDLING) && !isWhole() && state.cancelExchange()) {
                // The request can neither begin here nor leave.
                ending.refuse(503);
            }
        });
    }

    // ---- responses

    @Override
    public void answering() {
        if (state.is(ConnectionPhase.ANSWERING)) {
            return;
        }
        state.move(ConnectionPhase.ANSWERING);
        if (!state.exchange().outlivesAnswer()) {
            state.forgetExchange();
            intake.freeHead();
            count();
        }
    }

    @Override
    public void answered(boolean keepAlive) {
        state.forgetExchange();
        intake.answered();
        if (!keepAlive || intake.isClosed()) {
            ending.linger();
            return;
        }
        idleSince = System.nanoTime();
        state.move(ConnectionPhase.IDLE);
        advance();
        count();
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
            case LEFT, UNFINISHED, WRONG_LENGTH -> abort();
        }
    }

    private void cut() {
        LOG.debug("Cut a client that took its response too slowly");
        abort();
    }

    @Override
    public void lost(Throwable cause) {
        ending.lost(cause);
    }

    // ---- memory

    private void count() {
        if (!state.isGone()) {
            account.count(intake.memory());
        }
    }

    /**
     * Frees the counted memory, as all connections together use too much.
     *
     * @return false if a handler has the request already
     */
    boolean makeRoom() {
        if (state.is(ConnectionPhase.LEAVING)) {
            return false;
        }
        if (state.is(ConnectionPhase.NEW) || state.isReading() || state.cancelExchange()) {
            ending.refuse(503);
            return true;
        }
        if (intake.isEmpty()) {
            return false;
        }
        intake.close();
        channel.config().setAutoRead(false);
        count();
        return true;
    }

    /** Enforces time limits. */
    void checkTime(long now) {
        tasks.run(() -> actInTime(now));
    }

    private void actInTime(long now) {
        switch (state.phase()) {
            case IDLE -> {
                if (now - idleSince > limits.idleTime().toNanos()) {
                    ending.letGo(Reason.IDLE);
                }
            }
            case READING_HEAD, READING_BODY -> {
                if (intake.isLate(now)) {
                    ending.refuse(408);
                }
            }
            case HANDLING, ANSWERING -> {
                if (responses.late(now)) {
                    cut();
                }
            }
            case LINGERING -> ending.checkLingering(now);
            default -> {
                // Other phases have limits elsewhere.
            }
        }
    }

    // ---- the end

    @Override
    public void release() {
        if (!engine.loop().inEventLoop()) {
            execute(this::release);
            return;
        }
        releaseWanted = true;
        if (state.is(ConnectionPhase.HANDLING)) {
            if (!intake.isClosed() && isWhole() && state.cancelExchange()) {
                ending.letGo(Reason.REQUESTED);
            }
        } else {
            advance();
        }
    }

    @Override
    public long readAhead() {
        return intake.readAhead();
    }

    /** Ends the connection now, for every process that holds it. */
    void abort() {
        ending.abort();
    }

    /** Leaves the connection to the other processes that hold it, as the system refuses a call that it needs here. */
    void fail() {
        ending.fail();
    }
}
