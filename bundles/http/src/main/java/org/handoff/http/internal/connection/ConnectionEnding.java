package org.handoff.http.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import org.handoff.http.Durability;
import org.handoff.http.HttpConnection;
import org.handoff.http.internal.request.SpillInput;
import org.handoff.http.internal.response.ConnectionReset;
import org.handoff.http.internal.response.GuardedTasks;
import org.handoff.http.internal.response.ResponseWriter;
import org.handoff.http.loop.SystemErrors;
import org.handoff.http.message.ErrorPage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All ways in which a connection ends here: it goes back to its owner, or is refused and lingers, or is aborted for
 * every process, or only its descriptor here is closed. On the event loop only.
 */
final class ConnectionEnding {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionEnding.class);

    private final Channel channel;
    private final HttpConnection.Owner owner;
    private final Durability durability;
    private final ConnectionState state;
    private final RequestIntake intake;
    private final ResponseWriter responses;
    private final EngineAccount account;
    private final GuardedTasks tasks;
    private ChannelHandlerContext ctx;
    /** Bounds the time after the last answer; null before. */
    private LingeringClose lingering;

    ConnectionEnding(
            Channel channel,
            HttpConnection.Owner owner,
            Durability durability,
            ConnectionState state,
            RequestIntake intake,
            ResponseWriter responses,
            EngineAccount account,
            GuardedTasks tasks) {
        this.channel = channel;
        this.owner = owner;
        this.durability = durability;
        this.state = state;
        this.intake = intake;
        this.responses = responses;
        this.account = account;
        this.tasks = tasks;
    }

    void attach(ChannelHandlerContext context) {
        ctx = context;
    }

    // ---- it is given to its owner

    void letGo(HttpConnection.Reason reason) {
        state.move(ConnectionPhase.LEAVING);
        channel.config().setAutoRead(false);
        // When the client closes its side, Netty reads to the end in any case, so the channel leaves its loop first;
        // bytes read until then go along.
        channel.deregister().addListener(deregistered -> tasks.run(() -> left(reason)));
    }

    private void left(HttpConnection.Reason reason) {
        if (state.isGone()) {
            return;
        }
        state.move(ConnectionPhase.GONE);
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        }
        SpillInput spilling = intake.spilling();
        RequestIntake.Unread unread = intake.takeUnread(state.exchange() != null);
        if (spilling != null) {
            ctx.pipeline().remove(spilling);
        }
        giveBack();
        ctx.pipeline().remove(ctx.handler());
        owner.released(unread.bytes(), unread.inFile(), reason);
    }

    // ---- it is refused, or ends with its response

    /** Answers with an error page, and ends the connection. */
    void refuse(int status) {
        boolean headOnly = state.exchange() != null ? state.exchange().isHead() : intake.isHead();
        state.forgetExchange();
        state.move(ConnectionPhase.LINGERING);
        lingering = new LingeringClose();
        discard();
        ctx.writeAndFlush(ErrorPage.response(channel.alloc(), status, headOnly))
                .addListener((ChannelFutureListener) written -> tasks.run(this::shutOutput));
    }

    /** Ends the connection so that the client still gets all written bytes. */
    void linger() {
        state.move(ConnectionPhase.LINGERING);
        if (intake.isAtEnd() && !hasUnread()) {
            // Nothing is unread and nothing follows, so no reset can overtake the response.
            abort();
            return;
        }
        lingering = new LingeringClose();
        shutOutput();
    }

    /** Whether the client has sent something that the loop has not seen yet; a byte of it is dropped. */
    private boolean hasUnread() {
        if (!(channel instanceof UnixChannel local)) {
            return false;
        }
        ByteBuf one = channel.alloc().directBuffer(1);
        try {
            ByteBuffer bytes = one.internalNioBuffer(0, 1);
            return local.fd().read(bytes, bytes.position(), bytes.limit()) > 0;
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("A client left", e);
            return false;
        } finally {
            one.release();
        }
    }

    private void shutOutput() {
        if (state.isGone()) {
            return;
        }
        if (state.hasInputEnded() || !(channel instanceof DuplexChannel duplex)) {
            abort();
            return;
        }
        discard();
        duplex.shutdownOutput();
        channel.config().setAutoRead(true);
    }

    /** Drops received bytes, and lets no other request follow. */
    private void discard() {
        durability.discards();
        intake.drop();
        account.count(intake.memory());
    }

    /** A refused client has sent this number of bytes, which were dropped. */
    void discarded(int count) {
        if (lingering != null && lingering.isEnough(count)) {
            abort();
        }
    }

    /** Ends a connection that has lingered long enough. */
    void checkLingering(long now) {
        if (lingering.isOver(now)) {
            abort();
        }
    }

    // ---- it is cut

    /** Ends the connection now, in both directions and for every process that holds it. */
    void abort() {
        if (state.isGone()) {
            return;
        }
        boolean amidst = state.is(ConnectionPhase.ANSWERING);
        state.move(ConnectionPhase.GONE);
        boolean begun = giveBack();
        boolean refused = channel.isActive() && !isShutDown(amidst);
        channel.close();
        if (refused) {
            owner.failed(begun);
        } else {
            owner.closed();
        }
    }

    /** Shuts the socket down itself: Netty's way makes an exception for each step. @return false if that is refused */
    private boolean isShutDown(boolean amidst) {
        if (!(channel instanceof UnixChannel local && local.fd() instanceof Socket socket)) {
            return true;
        }
        if (amidst && !socket.isOutputShutdown()) {
            ConnectionReset.send(channel);
        }
        try {
            socket.shutdown();
            return true;
        } catch (NotYetConnectedException e) {
            LOG.debug("A connection has ended already", e);
            return true;
        } catch (IOException e) {
            LOG.debug("A connection cannot be shut down", e);
            return !SystemErrors.isRefusal(e);
        }
    }

    /** Leaves the connection to the other processes that hold it, as the system refuses a call that it needs here. */
    void fail() {
        if (state.isGone()) {
            return;
        }
        state.move(ConnectionPhase.GONE);
        boolean begun = giveBack();
        // Not shut down: the client may still be there.
        channel.close();
        owner.failed(begun);
    }

    /** A system call on the connection has failed. */
    void lost(Throwable cause) {
        if (SystemErrors.isRefusal(cause)) {
            LOG.debug("A connection cannot go on here", cause);
            fail();
        } else {
            LOG.debug("A client left", cause);
            abort();
        }
    }

    /** A task for the connection has failed. */
    void failed(Throwable cause) {
        if (cause instanceof Error error) {
            broken(error);
        } else if (cause instanceof IOException) {
            lost(cause);
        } else {
            LOG.error("A connection failed", cause);
            abort();
        }
    }

    /** The JVM has failed. */
    void broken(Error cause) {
        owner.broken(cause);
        LOG.error("A connection is cut by an error of the JVM", cause);
        abort();
    }

    /** @return whether a handler was called for the present request */
    private boolean giveBack() {
        Exchange exchange = state.exchange();
        // If the request still waits for its handler, the response is of no use any more.
        boolean begun = exchange != null && !exchange.cancel();
        responses.close();
        if (exchange != null) {
            exchange.gone();
        }
        intake.release();
        account.close();
        return begun;
    }
}
