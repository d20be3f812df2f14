package org.handoff.lrwp.agent.internal.application;

import java.net.InetAddress;
import java.util.List;

import org.handoff.http.limits.Complaint;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.protocol.Refusal;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.Startup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits connecting peers, and logs refused ones. A new connection always finds a place: if the limit of unregistered
 * peers is reached, in all or from one address, the oldest of them loses its place, before all one that has sent
 * nothing.
 */
final class Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    /** The number of refused peers, and of those that lost their place, that are named in the log each minute. */
    private static final int REFUSALS_TOLD = 60;

    private static final int CROWDED_OUT_TOLD = 1;

    private final Agent agent;
    private final Repeated refusals = new Repeated(REFUSALS_TOLD);
    private final Repeated crowdedOut = new Repeated(CROWDED_OUT_TOLD);
    /** Responses that were given up, as there was no room for their unfinished headers. */
    private final Complaint unfinishedHeaders = new Complaint();

    Admission(Agent agent) {
        this.agent = agent;
    }

    void crowdOutAnother(Member peer) {
        List<Member> others = agent.peers().stream()
                .filter(Member::isStarting)
                .filter(other -> other != peer)
                .toList();
        if (!others.isEmpty()) {
            crowdOut(others);
        }
    }

    void makeRoom(InetAddress address) {
        LrwpSettings settings = agent.settings();
        List<Member> starting =
                agent.peers().stream().filter(Member::isStarting).toList();
        List<Member> same = starting.stream()
                .filter(peer -> peer.peer().address().equals(address))
                .toList();
        if (same.size() >= settings.peersPerAddress()) {
            crowdOut(same);
        } else if (starting.size() >= settings.peers()) {
            crowdOut(starting);
        }
    }

    private void crowdOut(List<Member> starting) {
        LrwpSettings settings = agent.settings();
        Member oldest = starting.stream()
                .filter(one -> one.peer().isSilent())
                .findFirst()
                .orElse(starting.get(0));
        if (crowdedOut.happens(System.nanoTime())) {
            LOG.warn(
                    "The connection {} is closed, as it has not said what it serves and others come: {} such "
                            + "connections are there (peers = {}, peers.per.address = {}, http.memory = {} bytes in "
                            + "etc/{}.cfg)",
                    oldest,
                    starting.size(),
                    settings.peers(),
                    settings.peersPerAddress(),
                    settings.http().memory(),
                    LrwpSettings.PID);
        }
        oldest.close();
    }

    /** A peer is refused; logs that, unless too many are. */
    void refused(Member peer, String why) {
        if (refusals.happens(System.nanoTime())) {
            LOG.warn("Peer {} is refused: {}", peer, why);
        }
    }

    void tellUntold(long now) {
        long refused = refusals.takeUntold(now);
        long closed = crowdedOut.takeUntold(now);
        long unfinished = unfinishedHeaders.take(now);
        if (unfinished > 0) {
            LOG.warn(
                    "{} requests were answered 503 and their peers closed, whose headers were not complete: all peers "
                            + "and clients together may take half of http.memory = {} bytes; set it in etc/{}.cfg",
                    unfinished,
                    agent.settings().http().memory(),
                    LrwpSettings.PID);
        }
        if (refused + closed > 0) {
            LOG.warn(
                    "{} more peers were refused, and {} more connections closed that had not said what they serve",
                    refused,
                    closed);
        }
    }

    /** There is no room for the unfinished header of a peer's response. */
    void countUnfinishedHeader() {
        unfinishedHeaders.happens();
    }

    /** @throws RefusedException if a peer is refused without regard to its startup string */
    void checkWelcome(Member member) throws RefusedException {
        LrwpSettings settings = agent.settings();
        InetAddress address = member.peer().address();
        if (!member.isKnown() && !settings.allowed().contains(address)) {
            throw new RefusedException(Refusal.UNAUTHORIZED);
        }
        int all = 0;
        int sameAddress = 0;
        for (Member other : agent.peers()) {
            if (other != member && other.isAdmitted()) {
                all++;
                sameAddress += other.peer().address().equals(address) ? 1 : 0;
            }
        }
        if (all >= settings.peers() || sameAddress >= settings.peersPerAddress()) {
            throw new RefusedException(Refusal.OUT_OF_RESOURCES);
        }
    }

    /**
     * The password for a peer's startup string; empty for none.
     *
     * @throws RefusedException if the peer may not have the context
     */
    String password(Member member, Startup startup) throws RefusedException {
        if (member.isKnown()) {
            return "";
        }
        String password = agent.settings().password(startup.name());
        if (password == null) {
            throw new RefusedException(Refusal.NOT_PERMITTED);
        }
        if (!password.isEmpty() && !startup.lrwp2()) {
            throw new RefusedException(Refusal.NEEDS_LRWP2);
        }
        return password;
    }
}
