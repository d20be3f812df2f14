package org.handoff.lrwp.agent.internal.application;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.agent.internal.supervised.SupervisedContext;
import org.handoff.lrwp.agent.internal.supervised.SupervisedGroup;
import org.handoff.lrwp.protocol.Startup;

/**
 * The peers that registered under one name for one host, and the requests that wait for one of them. On the agent's
 * loop only, but for its name and host, and whether it is forgotten.
 */
public final class Application implements SupervisedContext {

    /**
     * The reason why no peer serves an application.
     *
     * @param retryAt the time of the next attempt to mend it, by {@link System#nanoTime}
     */
    public record Trouble(String problem, long retryAt) {}

    private final Agent agent;
    private final String name;
    private final String host;
    /** In the order in which they connected. */
    private final List<Member> peers = new ArrayList<>();

    private final Deque<PeerRequest> waiting = new ArrayDeque<>();
    /** The index of the peer that was given the last request; -1 before the first. */
    private int last = -1;

    private long requests;
    private boolean dispatching;
    private volatile boolean forgotten;
    /** The pools that it is kept for: it stays while there is one, with or without a peer. */
    private final Set<SupervisedGroup> keepers = new LinkedHashSet<>();
    /** The pool that is going to bring a peer, until which the application stays; null for none. */
    private SupervisedGroup heldFor;

    private long heldUntil;

    public Application(Agent agent, String name, String host) {
        this.agent = agent;
        this.name = name;
        this.host = host;
    }

    /** The name as in the configuration: without a leading slash. */
    public String name() {
        return name;
    }

    /** The only host it is for, in lower case; empty for any. */
    public String host() {
        return host;
    }

    public boolean isExtension() {
        return name.startsWith(".");
    }

    /** The context for people: with its slash, or an extension. */
    public String context() {
        return isExtension() ? name : "/" + name;
    }

    /** The context of its requests: extensions are served where no other context matches, like the root context. */
    public String contextOrRoot() {
        return isExtension() ? "/" : context();
    }

    /** Whether a peer would take requests that belong to this application. */
    boolean isTakenBy(Startup startup) {
        if (isExtension() || startup.name().startsWith(".")) {
            return startup.name().equals(name)
                    && (host.isEmpty() || startup.host().equals(host));
        }
        return new OtherContext(context(), host, "").isTakenBy("/" + startup.name(), startup.host());
    }

    /** The folder for translated paths; empty for none. */
    String documentRoot() {
        return agent.settings().documentRoot();
    }

    public List<Member> peers() {
        return peers;
    }

    @Override
    public int waiting() {
        return waiting.size();
    }

    public long requests() {
        return requests;
    }

    void add(Member peer) {
        peers.add(peer);
    }

    /** Stays, without a peer, as long as requests may wait; the last peer is about to be removed. */
    void hold(long until, SupervisedGroup pool) {
        heldFor = pool;
        heldUntil = until;
    }

    /** Stays no longer than its peers: the pool's new peer is here. */
    void holdNoMore() {
        heldFor = null;
    }

    /** Stays for a pool. */
    void keep(SupervisedGroup pool) {
        keepers.add(pool);
    }

    @Override
    public void keepNoMore(SupervisedGroup pool) {
        keepers.remove(pool);
        leaveIfOver();
    }

    /** Whether it stays without a peer. */
    boolean isHeld() {
        return heldFor != null || !keepers.isEmpty();
    }

    /** Whether only peers of pools are allowed here. */
    boolean isOfPools() {
        return isHeld() || peers.stream().anyMatch(Member::isOfAPool);
    }

    /** A peer has left; if it was the last one, waiting requests are answered. */
    void remove(Member peer) {
        int at = peers.indexOf(peer);
        if (at < 0) {
            return;
        }
        peers.remove(at);
        if (at <= last) {
            last--;
        }
        if (isOver()) {
            abandon();
        }
    }

    /** Whether its last peer has left, and will not be replaced. */
    private boolean isOver() {
        return peers.isEmpty() && !isHeld();
    }

    /** The agent has it no more. */
    void forget() {
        forgotten = true;
    }

    /** Whether it is over, and its requests are for other targets. Any thread may call it. */
    public boolean isForgotten() {
        return forgotten;
    }

    private void leaveIfOver() {
        if (isOver()) {
            agent.forget(this);
            abandon();
        }
    }

    /** No peer serves it any more. */
    void end() {
        heldFor = null;
        keepers.clear();
        abandon();
    }

    /** The pool with the earliest next attempt, if there is no peer and none is about to come; null otherwise. */
    private SupervisedGroup unavailable() {
        List<SupervisedGroup> pools = new ArrayList<>(keepers);
        if (heldFor != null) {
            pools.add(heldFor);
        }
        return peers.isEmpty() && pools.stream().allMatch(SupervisedGroup::isUnavailable)
                ? pools.stream()
                        .min(Comparator.comparingInt(SupervisedGroup::retrySeconds))
                        .orElse(null)
                : null;
    }

    /** Answers waiting requests, as waiting may be in vain. */
    void refuseWaiting() {
        SupervisedGroup pool = unavailable();
        if (pool != null) {
            List<PeerRequest> refused = List.copyOf(waiting);
            waiting.clear();
            refused.forEach(request -> request.unavailable(pool.retrySeconds()));
        }
    }

    /** The reason why no peer serves it, for people; null if one does, or is about to. */
    public Trouble trouble() {
        SupervisedGroup pool = unavailable();
        return pool == null ? null : new Trouble(pool.problem(), pool.retryAt());
    }

    private void abandon() {
        List<PeerRequest> left = List.copyOf(waiting);
        waiting.clear();
        left.forEach(PeerRequest::abandoned);
    }

    /** Gives a request to a peer, now or when one is free. */
    public void submit(PeerRequest request) {
        requests++;
        LrwpSettings settings = agent.settings();
        Member free = waiting.isEmpty() ? nextFree() : null;
        SupervisedGroup unavailable = unavailable();
        if (free != null) {
            free.serve(request);
        } else if (unavailable != null) {
            request.unavailable(unavailable.retrySeconds());
        } else if (isOver()) {
            request.abandoned();
        } else if (waiting.size() >= settings.queueLength()) {
            request.unserved(503);
        } else {
            request.waitUntil(System.nanoTime() + settings.queueNanos());
            waiting.add(request);
        }
    }

    /** Puts a request that its peer had not read completely before all others. */
    void submitAgain(PeerRequest request) {
        if (isOver()) {
            request.abandoned();
        } else {
            request.waitUntil(System.nanoTime() + agent.settings().queueNanos());
            waiting.addFirst(request);
            dispatch();
        }
    }

    @Override
    public void dispatch() {
        if (dispatching) {
            return;
        }
        dispatching = true;
        try {
            while (!waiting.isEmpty()) {
                Member free = nextFree();
                if (free == null) {
                    return;
                }
                free.serve(waiting.remove());
            }
        } finally {
            dispatching = false;
        }
    }

    void forget(PeerRequest request) {
        waiting.remove(request);
    }

    /** Answers those that have waited too long. */
    void sweep(long now) {
        // Not only the first: a request that a peer has lost waits before earlier ones.
        List<PeerRequest> late = waiting.stream()
                .filter(request -> now - request.waitsUntil() >= 0)
                .toList();
        waiting.removeAll(late);
        late.forEach(request -> request.unserved(503));
        if (heldFor != null && now - heldUntil >= 0 && !heldFor.isUnavailable()) {
            heldFor = null;
            leaveIfOver();
        }
    }

    /**
     * The peer that has been free the longest, or if they take turns, the next free one in the order of connecting;
     * null for none.
     */
    private Member nextFree() {
        boolean turns = agent.settings().roundRobin();
        int found = -1;
        for (int i = 1; i <= peers.size(); i++) {
            int at = (last + i) % peers.size();
            Member peer = peers.get(at);
            if (peer.isFree()
                    && (found < 0 || peer.freeSince() < peers.get(found).freeSince())) {
                found = at;
                if (turns) {
                    break;
                }
            }
        }
        if (found < 0) {
            return null;
        }
        last = found;
        return peers.get(found);
    }
}
