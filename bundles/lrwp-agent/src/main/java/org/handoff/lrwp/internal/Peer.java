package org.handoff.lrwp.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.handoff.lrwp.protocol.Challenge;
import org.handoff.lrwp.protocol.ProtocolException;
import org.handoff.lrwp.protocol.Refusal;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.ResponseDecoder;
import org.handoff.lrwp.protocol.Size;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.lrwp.protocol.StartupParser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's connection: the startup string, and then one request after the other.
 *
 * <pre>
 * STARTING ─▶ CHALLENGED ─▶ REGISTERING ─▶ SETTLING ─▶ FREE ⇄ BUSY
 *                                                        from all: REFUSED, CLOSED
 * </pre>
 *
 * On the agent's loop only.
 */
final class Peer extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    /** How long a 1.0 peer has to be quiet until its startup string counts as complete. */
    static final long QUIET_MILLIS = 200;
    /** Between OK and a 1.0 peer's first request: some peers read OK as "whatever comes". */
    static final long SETTLE_MILLIS = 50;
    /** How long a refused peer may take to read why. */
    private static final long REFUSED_MILLIS = 2000;
    private static final int PIECE = 64 * 1024;
    // From Linux's net/tcp_states.h.
    private static final int TCP_ESTABLISHED = 1;

    private enum State {
        STARTING, CHALLENGED, REGISTERING, SETTLING, FREE, BUSY, REFUSED, CLOSED
    }

    private final Agent agent;
    private final long id;
    private final Channel channel;
    private final InetAddress address;
    private final boolean ours;
    private final Instant since = Instant.now();
    private final StartupParser parser = new StartupParser();
    private final ResponseDecoder decoder = new ResponseDecoder();
    private final EpollTcpInfo tcp = new EpollTcpInfo();
    private State state = State.STARTING;
    private long deadline;
    private Future<?> quiet;
    private Challenge challenge;
    private Startup startup;
    private Application application;
    /** The process of ours that has made this connection; null where it was somebody else. */
    private SupervisedProcess process;
    private ByteBuf in;
    private Job job;
    private long offset;
    private boolean sent;
    private boolean received;
    private boolean paused;
    private boolean reset;
    private boolean inputEnded;
    private long requests;
    private long freeSince;

    Peer(Agent agent, long id, Channel channel, InetAddress address, boolean ours) {
        this.agent = agent;
        this.id = id;
        this.channel = channel;
        this.address = address;
        this.ours = ours;
        this.deadline = System.nanoTime() + agent.settings().startupNanos();
    }

    // ---- for the agent

    long id() {
        return id;
    }

    InetAddress address() {
        return address;
    }

    Instant since() {
        return since;
    }

    long requests() {
        return requests;
    }

    /** What it asked for; null before it has. */
    Startup startup() {
        return startup;
    }

    String state() {
        return state == State.FREE && !isFree() ? "off" : state.name().toLowerCase(Locale.ROOT);
    }

    boolean isFree() {
        return state == State.FREE && (process == null || process.takes());
    }

    /** When it became free, as a number that grows; only for comparison. */
    long freeSince() {
        return freeSince;
    }

    boolean isBusy() {
        return state == State.BUSY;
    }

    boolean isRefused() {
        return state == State.REFUSED;
    }

    /** Whether it is sure to be of one of our own processes. */
    boolean isOurs() {
        return ours;
    }

    boolean isOnThisMachine() {
        return address.isLoopbackAddress();
    }

    /**
     * Whether the connection stands. The end of a peer that has just been killed may be known to the system and not yet
     * to the event loop: a request sent now would be lost without anybody having begun it.
     */
    boolean isConnected() {
        if (!channel.isActive()) {
            return false;
        }
        try {
            return !(channel instanceof EpollSocketChannel epoll) || epoll.tcpInfo(tcp).state() == TCP_ESTABLISHED;
        } catch (RuntimeException e) {
            LOG.debug("peer {} is gone", this, e);
            return false;
        }
    }

    /** Closes a peer whose time is up. */
    void sweep(long now) {
        switch (state) {
            case STARTING, CHALLENGED -> {
                if (now - deadline >= 0) {
                    refuse(parser.isEmpty() ? null
                            : state == State.STARTING ? Refusal.MALFORMED : Refusal.UNAUTHORIZED);
                }
            }
            case BUSY -> {
                if (!paused && now - deadline >= 0) {
                    Job late = job;
                    job = null;
                    if (late != null) {
                        late.timedOut();
                    }
                    close();
                }
            }
            default -> {
            }
        }
    }

    /** Ends the connection; a request that it was serving fails. */
    void close() {
        channel.close();
        ended();
    }

    // ---- startup

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        if (state == State.BUSY || state == State.CHALLENGED) {
            in = in == null ? data : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), in, data);
            if (state == State.BUSY) {
                // Up to there it has one time for all, or a byte now and then would hold the client for ever.
                if (decoder.isAfterHead()) {
                    touch();
                }
                receive();
            } else {
                checkReply();
            }
            return;
        }
        try {
            switch (state) {
                case STARTING -> start(data);
                case REGISTERING, SETTLING, FREE -> unexpected(data);
                default -> {
                    // Refused or closed: nobody listens.
                }
            }
        } finally {
            data.release();
        }
    }

    private void start(ByteBuf data) {
        if (quiet != null) {
            quiet.cancel(false);
        }
        try {
            Startup complete = parser.read(data);
            Refusal unwelcome = agent.welcome(this);
            if (unwelcome != null) {
                refuse(unwelcome);
            } else if (complete != null && data.isReadable()) {
                refuse(Refusal.MALFORMED);
            } else if (complete != null) {
                admit(complete);
            } else if (parser.isEnough()) {
                quiet = channel.eventLoop().schedule(this::quiet, QUIET_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (RefusedException e) {
            refuse(e.refusal());
        }
    }

    private void quiet() {
        if (state == State.STARTING) {
            try {
                admit(parser.startup());
            } catch (RefusedException e) {
                refuse(e.refusal());
            }
        }
    }

    private void admit(Startup asked) throws RefusedException {
        startup = asked;
        String password = agent.password(this);
        if (password.isEmpty()) {
            register();
            return;
        }
        challenge = new Challenge(password);
        state = State.CHALLENGED;
        ByteBuf out = channel.alloc().buffer();
        challenge.write(out);
        channel.writeAndFlush(out);
    }

    private void checkReply() {
        try {
            if (challenge.read(in)) {
                boolean more = in.isReadable();
                freeInput();
                if (more) {
                    refuse(Refusal.MALFORMED);
                } else {
                    register();
                }
            }
        } catch (RefusedException e) {
            refuse(e.refusal());
        }
    }

    private void register() {
        state = State.REGISTERING;
        challenge = null;
        application = agent.join(this);
        // Before its OK: it must not get a request that its process is not to have.
        CompletableFuture<SupervisedProcess> found = recognised();
        agent.published().exceptionally(failure -> null).thenCombine(found, (done, owner) -> owner)
                .whenComplete((owner, failure) -> channel.eventLoop().execute(() -> accept(owner)));
    }

    private CompletableFuture<SupervisedProcess> recognised() {
        return channel.remoteAddress() instanceof InetSocketAddress its
                && channel.localAddress() instanceof InetSocketAddress ours
                ? agent.processes().find(its, ours) : CompletableFuture.completedFuture(null);
    }

    private void accept(SupervisedProcess owner) {
        if (state != State.REGISTERING) {
            return;
        }
        process = owner;
        if (process != null) {
            process.joined(this);
            if (state != State.REGISTERING) {
                // Its process has ended in the meantime.
                return;
            }
        }
        LOG.info("Peer {} serves {}{} (LRWP {}{})", this, application.context(),
                application.host().isEmpty() ? "" : " for " + application.host(), startup.version(),
                process == null ? "" : ", of process " + process.process().pid());
        state = State.SETTLING;
        if (startup.lrwp2()) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'O', 'K', Startup.SEPARATOR}));
            free();
        } else {
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'O', 'K'}));
            channel.eventLoop().schedule(this::free, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void free() {
        if (state == State.SETTLING) {
            state = State.FREE;
            freeSince = agent.nextTurn();
            application.dispatch();
        }
    }

    /** Late bytes of a 1.0 startup string, whose end nobody can know; else nobody speaks without being asked. */
    private void unexpected(ByteBuf data) {
        if (state == State.FREE && requests > 0 || startup.lrwp2() || data.readableBytes() > StartupParser.MAX_LENGTH) {
            LOG.warn("Peer {} of {} is closed: it speaks without being asked", this, application.context());
            close();
        }
    }

    /** Says why not, and closes the connection so that the peer can still read it. */
    private void refuse(Refusal refusal) {
        state = State.REFUSED;
        freeInput();
        if (refusal == null) {
            LOG.debug("Peer {} said nothing in time", this);
            close();
            return;
        }
        LOG.warn("Peer {}{} is refused: {}", this, startup == null ? "" : ", for " + startup.name() + ',',
                refusal.text());
        channel.eventLoop().schedule(this::close, REFUSED_MILLIS, TimeUnit.MILLISECONDS);
        channel.writeAndFlush(Unpooled.wrappedBuffer(refusal.answer(parser.isLrwp2()))).addListener(written -> {
            if (channel instanceof DuplexChannel duplex && channel.pipeline().get(PeerListener.TLS) == null) {
                duplex.shutdownOutput();
            } else {
                channel.close();
            }
        });
    }

    // ---- a request

    /** Takes a request; the peer is free and connected. */
    void serve(Job next) {
        state = State.BUSY;
        requests++;
        if (process != null) {
            process.began(this);
        }
        job = next;
        job.takenBy(this);
        offset = 0;
        sent = false;
        received = false;
        touch();
        byte[] environment = next.environment();
        long length = next.request().length();
        int first = (int) Math.min(length, PIECE);
        ByteBuf head = channel.alloc().directBuffer(2 * Size.DIGITS + environment.length + first);
        head.writeBytes(Size.of(environment.length)).writeBytes(environment).writeBytes(Size.of(length));
        if (first > 0) {
            ByteBuf piece = read(first);
            if (piece == null) {
                head.release();
                return;
            }
            head.writeBytes(piece);
            piece.release();
        }
        write(head);
        send();
    }

    /** Writes as much of the body as the connection takes. */
    private void send() {
        long length = job.request().length();
        while (offset < length && channel.isWritable()) {
            ByteBuf piece = read(PIECE);
            if (piece == null) {
                return;
            }
            write(piece);
        }
        channel.flush();
    }

    private ByteBuf read(int most) {
        try {
            ByteBuf piece = job.request().read(channel.alloc(), offset, most);
            offset += piece.readableBytes();
            return piece;
        } catch (IOException e) {
            LOG.error("A request for {} cannot be read again", application.context(), e);
            fail(500);
            return null;
        }
    }

    private void write(ByteBuf piece) {
        boolean last = offset == job.request().length();
        Job written = job;
        channel.write(piece).addListener(future -> {
            if (!future.isSuccess()) {
                reset |= future.cause() instanceof IOException;
                close();
            } else if (job == written) {
                touch();
                if (last) {
                    sent = true;
                    finish();
                }
            }
        });
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (state == State.BUSY && job != null && !sent && channel.isWritable()) {
            send();
        }
    }

    /** The peer has done something: its time begins anew. */
    private void touch() {
        deadline = System.nanoTime() + agent.settings().peerNanos();
    }

    // ---- the response

    private void receive() {
        try {
            while (in != null && !paused && !received && in.isReadable()) {
                int before = in.readableBytes();
                received = decoder.read(in, job);
                if (in.readableBytes() == before) {
                    break;
                }
            }
            if (received && in.isReadable()) {
                throw new ProtocolException("it sends more than its response");
            }
            if (in != null && !in.isReadable()) {
                freeInput();
            }
            if (received) {
                finish();
            }
        } catch (ProtocolException e) {
            LOG.warn("Peer {} of {} is closed: {}", this, application.context(), e.getMessage());
            fail(502);
        }
    }

    private void finish() {
        if (sent && received && state == State.BUSY) {
            job.done();
            job = null;
            state = State.FREE;
            freeSince = agent.nextTurn();
            if (process != null) {
                process.finished(this);
            }
            application.dispatch();
        }
    }

    /** The client cannot take more: the peer has to wait. */
    void pause() {
        paused = true;
        channel.config().setAutoRead(false);
    }

    /** There is room for more. */
    void resume() {
        if (paused) {
            paused = false;
            touch();
            channel.config().setAutoRead(true);
            if (state == State.BUSY) {
                receive();
            }
            if (inputEnded && !paused) {
                ended();
            }
        }
    }

    private void fail(int status) {
        Job failed = job;
        job = null;
        if (failed != null) {
            failed.peerFailed(status);
        }
        close();
    }

    // ---- the end

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("peer {} is gone", this, cause);
            reset = true;
        } else if (state == State.STARTING) {
            // Mostly a failed TLS handshake: anybody may cause it.
            LOG.warn("Peer {} is closed: {}", this, cause.toString());
        } else {
            LOG.error("Peer {} is closed", this, cause);
        }
        close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (state == State.BUSY && paused) {
            // All that it said is here, and waits for a slow client.
            inputEnded = true;
        } else {
            ended();
        }
    }

    private void ended() {
        if (state == State.CLOSED) {
            return;
        }
        boolean registered = application != null;
        state = State.CLOSED;
        if (quiet != null) {
            quiet.cancel(false);
        }
        freeInput();
        agent.left(this);
        if (process != null) {
            process.left(this);
        }
        if (registered) {
            LOG.info("Peer {} of {} has left", this, application.context());
        }
        Job lost = job;
        job = null;
        if (lost != null) {
            lost.peerLost(reset);
        }
    }

    private void freeInput() {
        ReferenceCountUtil.release(in);
        in = null;
    }

    /** Whether it is of a pool that is going to have another one in its place. */
    boolean isMissed() {
        return process != null && process.isMissed();
    }

    /** The peer's application; null before it has registered. */
    Application application() {
        return application;
    }

    @Override
    public String toString() {
        return id + " (" + address.getHostAddress() + ')';
    }
}
