package org.handoff.lrwp.internal;

import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.handoff.lrwp.protocol.Challenge;
import org.handoff.lrwp.protocol.Refusal;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.lrwp.protocol.StartupParser;

/**
 * What a peer says before it serves: its startup string, and its reply to a challenge where a password is asked for.
 * Ends in {@link Peer#register} or {@link Peer#refuse}. On the agent's loop only.
 */
final class PeerStartup {

    /** How long a 1.0 peer has to be quiet until its startup string counts as complete. */
    static final long QUIET_MILLIS = 200;

    private final Agent agent;
    private final Peer peer;
    private final Channel channel;
    private final StartupParser parser = new StartupParser();
    private final long deadline;
    private Future<?> quiet;
    private Startup asked;
    private Challenge challenge;
    /** The reply to the challenge, as far as it has come. */
    private ByteBuf reply;
    private boolean over;

    PeerStartup(Agent agent, Peer peer, Channel channel) {
        this.agent = agent;
        this.peer = peer;
        this.channel = channel;
        this.deadline = System.nanoTime() + agent.settings().startupNanos();
    }

    /** What the peer asks for; null before it has said so. */
    Startup asked() {
        return asked;
    }

    /** Whether the peer speaks LRWP 2.0, as far as it has said. */
    boolean isLrwp2() {
        return parser.isLrwp2();
    }

    boolean isChallenged() {
        return challenge != null;
    }

    /** Takes what has come; the caller releases it. */
    void received(ByteBuf data) {
        try {
            if (challenge == null) {
                read(data);
            } else {
                checkReply(data);
            }
        } catch (RefusedException e) {
            peer.refuse(e.refusal());
        }
    }

    private void read(ByteBuf data) throws RefusedException {
        if (quiet != null) {
            quiet.cancel(false);
        }
        Startup complete = parser.read(data);
        Refusal unwelcome = agent.welcome(peer);
        if (unwelcome != null) {
            throw new RefusedException(unwelcome);
        }
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
        if (!over) {
            try {
                admit(parser.startup());
            } catch (RefusedException e) {
                peer.refuse(e.refusal());
            }
        }
    }

    private void admit(Startup complete) throws RefusedException {
        asked = complete;
        String password = agent.password(complete);
        if (password.isEmpty()) {
            end();
            peer.register();
            return;
        }
        challenge = new Challenge(password);
        ByteBuf out = channel.alloc().buffer();
        challenge.write(out);
        channel.writeAndFlush(out);
    }

    private void checkReply(ByteBuf data) throws RefusedException {
        ByteBuf more = data.retain();
        reply = reply == null ? more : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), reply, more);
        if (challenge.read(reply)) {
            if (reply.isReadable()) {
                throw new RefusedException(Refusal.MALFORMED);
            }
            end();
            peer.register();
        }
    }

    /** Ends a peer whose time is up. */
    void sweep(long now) {
        if (now - deadline < 0) {
            return;
        }
        if (parser.isEmpty()) {
            peer.saidNothing();
        } else {
            peer.refuse(challenge == null ? Refusal.MALFORMED : Refusal.UNAUTHORIZED);
        }
    }

    /** Gives back what it holds; nothing comes any more. May be called more than once. */
    void end() {
        over = true;
        if (quiet != null) {
            quiet.cancel(false);
        }
        ReferenceCountUtil.release(reply);
        reply = null;
    }
}
