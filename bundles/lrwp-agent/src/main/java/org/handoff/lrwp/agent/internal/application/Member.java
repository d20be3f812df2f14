package org.handoff.lrwp.agent.internal.application;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

import io.netty.channel.Channel;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.agent.internal.peer.Peer;
import org.handoff.lrwp.agent.internal.peer.PeerHost;
import org.handoff.lrwp.agent.internal.supervised.SupervisedPeer;
import org.handoff.lrwp.agent.internal.supervised.SupervisedProcess;
import org.handoff.lrwp.protocol.Refusal;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.Startup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A peer with its application and its process. On the agent's loop only. */
public final class Member implements PeerHost, SupervisedPeer {

    private static final Logger LOG = LoggerFactory.getLogger(Member.class);

    private final Agent agent;
    private final Channel channel;
    /** The process of ours that the peer certainly belonged to when it connected, or null. */
    private final SupervisedProcess known;

    private final Instant since = Instant.now();
    private final Peer peer;
    private Application application;
    /**
     * The process of ours that has made this connection; null if another program has, or the owner was not looked up
     * yet.
     */
    private SupervisedProcess process;

    private long freeSince;

    /** @param known the process of ours that the peer certainly belongs to; null if unknown */
    Member(Agent agent, long id, Channel channel, InetAddress address, SupervisedProcess known) {
        this.agent = agent;
        this.channel = channel;
        this.known = known;
        this.peer = new Peer(this, id, channel, address);
    }

    /** Its connection. */
    public Peer peer() {
        return peer;
    }

    public Instant since() {
        return since;
    }

    /** The application that it serves; null before it has registered. */
    public Application application() {
        return application;
    }

    // ---- for those who choose one

    boolean isFree() {
        return peer.isFree() && takes();
    }

    /** The order in which peers became free, as a growing number. */
    long freeSince() {
        return freeSince;
    }

    void serve(PeerRequest request) {
        if (process != null) {
            process.began(this);
        }
        peer.serve(request);
    }

    // ---- for those who let it in

    /** Whether it is a peer of another program that is not admitted yet. */
    boolean isStarting() {
        return peer.isStarting() && application == null && known == null;
    }

    /** Whether it needs neither permission nor password. */
    boolean isKnown() {
        return known != null;
    }

    /** Whether its startup string has come, and was not refused. */
    boolean isAdmitted() {
        return peer.startup() != null && !peer.isRefused();
    }

    /** The process of ours that it belongs to, or null. */
    SupervisedProcess supervised() {
        return process == null ? known : process;
    }

    boolean isOfAPool() {
        return supervised() != null;
    }

    /** Whether its pool is going to replace it. */
    boolean isMissed() {
        return isOfAPool() && supervised().isMissed();
    }

    // ---- for its process

    @Override
    public Application context() {
        return application;
    }

    @Override
    public void close() {
        peer.close();
    }

    // ---- for its connection

    @Override
    public LrwpSettings settings() {
        return agent.settings();
    }

    @Override
    public MemoryBudget memory() {
        return agent.memory();
    }

    @Override
    public void checkWelcome() throws RefusedException {
        agent.admission().checkWelcome(this);
    }

    @Override
    public String password(Startup asked) throws RefusedException {
        return agent.admission().password(this, asked);
    }

    @Override
    public void refused(String why) {
        agent.admission().refused(this, why);
    }

    @Override
    public CompletableFuture<?> recognise() {
        if (known != null) {
            process = known;
            return CompletableFuture.completedFuture(null);
        }
        return channel.remoteAddress() instanceof InetSocketAddress its
                        && channel.localAddress() instanceof InetSocketAddress ours
                ? agent.processes().find(its, ours).thenAcceptAsync(found -> process = found, channel.eventLoop())
                : CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<?> join(Startup asked) throws RefusedException {
        if (process == null && agent.isOfPools(asked)) {
            throw new RefusedException(
                    Refusal.NOT_PERMITTED, "the context belongs to a pool, whose own processes alone serve it");
        }
        application = agent.join(this, asked);
        if (process != null) {
            application.holdNoMore();
        }
        return agent.published();
    }

    @Override
    public void joined() {
        if (process != null) {
            process.joined(this);
        }
    }

    @Override
    public String served() {
        return application == null
                ? null
                : application.context()
                        + (application.host().isEmpty() ? "" : " for " + application.host())
                        + (process == null
                                ? ""
                                : " (process " + process.process().pid() + ")");
    }

    @Override
    public boolean takes() {
        return process == null || process.takes();
    }

    @Override
    public void free() {
        freeSince = agent.nextTurn();
        if (process != null) {
            process.finished(this);
        }
        application.dispatch();
    }

    @Override
    public void crowdedOut() {
        agent.admission().countUnfinishedHeader();
    }

    @Override
    public void left() {
        agent.left(this);
        if (process != null) {
            process.left(this);
        }
        if (application != null) {
            LOG.info("Peer {} of {} has left", this, application.context());
        }
    }

    @Override
    public String toString() {
        return peer.toString();
    }
}
