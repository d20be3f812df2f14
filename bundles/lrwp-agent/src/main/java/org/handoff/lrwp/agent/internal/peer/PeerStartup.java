package org.handoff.lrwp.agent.internal.peer;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.routing.ContextTable;
import org.handoff.lrwp.protocol.Challenge;
import org.handoff.lrwp.protocol.Refusal;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.lrwp.protocol.StartupParser;
import org.handoff.lrwp.protocol.Words;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's way from its connection to its first request: the startup string, the reply to a challenge where a password
 * is asked for, and the registration of its context.
 *
 * <pre>
 * STARTING ─▶ CHALLENGED ─▶ REGISTERING ─▶ SETTLING ─▶ OVER
 *                           from all: REFUSED
 * </pre>
 *
 * On the agent's loop only.
 */
public final class PeerStartup {

    private static final Logger LOG = LoggerFactory.getLogger(PeerStartup.class);

    /** How long a 1.0 peer has to be quiet until its startup string counts as complete. */
    private static final long QUIET_MILLIS = 200;
    /** Between OK and a 1.0 peer's first request: some peers take bytes that come with the OK for a part of it. */
    private static final long SETTLE_MILLIS = 50;
    /** How long a refused peer may take to read the reason. */
    private static final long REFUSED_MILLIS = 2000;

    /** The memory that a peer uses at most until it serves: its startup string, its reply, and their buffers. */
    public static final int BYTES = 2 * StartupParser.MAX_LENGTH + Challenge.REPLY_LENGTH;

    private enum State {
        STARTING,
        CHALLENGED,
        REGISTERING,
        SETTLING,
        OVER,
        REFUSED
    }

    private final PeerHost host;
    private final Peer peer;
    private final Channel channel;
    private final StartupParser parser = new StartupParser(ContextTable::validContext);
    private final long deadline;
    private State state = State.STARTING;
    private Future<?> quiet;
    private Startup asked;
    private Challenge challenge;
    /** The received part of the reply to the challenge. */
    private ByteBuffer reply;
    /** The memory that counts it; null after it was given back. */
    private MemoryBudget memory;

    PeerStartup(PeerHost host, Peer peer, Channel channel) {
        this.host = host;
        this.peer = peer;
        this.channel = channel;
        this.deadline = System.nanoTime() + host.settings().startupNanos();
        this.memory = host.memory();
        memory.charge(BYTES);
    }

    /** The peer's startup string; null before it has come. */
    Startup asked() {
        return asked;
    }

    String state() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    boolean isSilent() {
        return parser.isEmpty();
    }

    boolean isRefused() {
        return state == State.REFUSED;
    }

    /** Takes received bytes; the caller releases them. */
    void received(ByteBuf data) {
        try {
            switch (state) {
                case STARTING -> read(data);
                case CHALLENGED -> checkReply(data);
                case REGISTERING, SETTLING -> peer.unexpected(data);
                default -> {
                    // The bytes are dropped.
                }
            }
        } catch (RefusedException e) {
            refuse(e);
        }
    }

    private void read(ByteBuf data) throws RefusedException {
        if (quiet != null) {
            quiet.cancel(false);
        }
        ByteBuffer bytes = data.nioBuffer();
        Startup complete = parser.read(bytes);
        data.skipBytes(bytes.position());
        host.checkWelcome();
        if (complete != null && data.isReadable()) {
            throw new RefusedException(Refusal.MALFORMED);
        }
        if (complete != null) {
            admit(complete);
        } else if (parser.isEnough()) {
            quiet = channel.eventLoop().schedule(this::quiet, QUIET_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void quiet() {
        if (state == State.STARTING) {
            try {
                admit(parser.startup());
            } catch (RefusedException e) {
                refuse(e);
            }
        }
    }

    private void admit(Startup complete) throws RefusedException {
        host.checkWelcome();
        asked = complete;
        String password = host.password(asked);
        if (password.isEmpty()) {
            register();
            return;
        }
        state = State.CHALLENGED;
        challenge = new Challenge(password);
        channel.writeAndFlush(Unpooled.wrappedBuffer(challenge.bytes()));
    }

    private void checkReply(ByteBuf data) throws RefusedException {
        if (reply == null) {
            reply = ByteBuffer.allocate(Challenge.REPLY_LENGTH);
        }
        int count = Math.min(data.readableBytes(), reply.remaining());
        data.readBytes(reply.slice(reply.position(), count));
        reply.position(reply.position() + count);
        if (challenge.check(reply.duplicate().flip())) {
            if (data.isReadable()) {
                throw new RefusedException(Refusal.MALFORMED);
            }
            register();
        }
    }

    private void register() {
        state = State.REGISTERING;
        release();
        // First: the peer must get neither a pool's context nor a request that its process is not to have.
        host.recognise().whenComplete((done, failure) -> channel.eventLoop().execute(this::join));
    }

    private void join() {
        if (state != State.REGISTERING) {
            return;
        }
        try {
            host.join(asked).whenComplete((done, failure) -> channel.eventLoop().execute(this::accept));
        } catch (RefusedException e) {
            refuse(e);
        }
    }

    private void accept() {
        if (state != State.REGISTERING) {
            return;
        }
        host.joined();
        if (state != State.REGISTERING) {
            // The process has ended in the meantime.
            return;
        }
        LOG.info("Peer {} serves {} (LRWP {})", peer, host.served(), asked.version());
        state = State.SETTLING;
        channel.writeAndFlush(Unpooled.wrappedBuffer(Words.accepted(asked.lrwp2())));
        if (asked.lrwp2()) {
            settled();
        } else {
            channel.eventLoop().schedule(this::settled, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void settled() {
        if (state == State.SETTLING) {
            state = State.OVER;
            peer.ready();
        }
    }

    /** Sends the reason, and closes the connection so that the peer can still read it. */
    private void refuse(RefusedException reason) {
        state = State.REFUSED;
        release();
        host.refused((asked == null ? "" : "for " + asked.name() + ": ") + reason.getMessage());
        channel.eventLoop().schedule(peer::close, REFUSED_MILLIS, TimeUnit.MILLISECONDS);
        channel.writeAndFlush(Unpooled.wrappedBuffer(reason.refusal().answer(parser.isLrwp2())))
                .addListener(written -> {
                    if (channel instanceof DuplexChannel duplex
                            && channel.pipeline().get(Peer.TLS) == null) {
                        duplex.shutdownOutput();
                    } else {
                        channel.close();
                    }
                });
    }

    /** Ends a peer that has exceeded its time limit. */
    void sweep(long now) {
        if (state != State.STARTING && state != State.CHALLENGED || now - deadline < 0) {
            return;
        }
        if (parser.isEmpty()) {
            LOG.debug("Peer {} said nothing in time", peer);
            peer.close();
        } else {
            refuse(new RefusedException(
                    state == State.STARTING ? Refusal.MALFORMED : Refusal.UNAUTHORIZED,
                    "its time is up (startup.timeout)"));
        }
    }

    /** The connection has ended. */
    void end() {
        state = State.OVER;
        release();
    }

    private void release() {
        if (quiet != null) {
            quiet.cancel(false);
        }
        challenge = null;
        reply = null;
        if (memory != null) {
            memory.discharge(BYTES);
            memory = null;
        }
    }
}
