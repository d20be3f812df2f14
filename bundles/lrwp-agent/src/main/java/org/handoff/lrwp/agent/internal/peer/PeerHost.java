package org.handoff.lrwp.agent.internal.peer;

import java.util.concurrent.CompletableFuture;

import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.Startup;

/** Whom a peer's connection reports to, and asks what the peer may do. On the agent's loop. */
public interface PeerHost {

    /** As they are now. */
    LrwpSettings settings();

    /** Where it is counted what the peer says. */
    MemoryBudget memory();

    // ---- while the peer starts, in this order

    /** @throws RefusedException if the peer is not welcome, whatever it asks for */
    void checkWelcome() throws RefusedException;

    /**
     * The password that the peer needs for what it asks for; empty for none.
     *
     * @throws RefusedException if it may not have it
     */
    String password(Startup asked) throws RefusedException;

    /** The peer is told why it is refused, and closed soon. */
    void refused(String why);

    /** Finds out whose process the peer is. Done on any thread. */
    CompletableFuture<?> recognise();

    /**
     * The peer begins to serve what it has asked for.
     *
     * @return done, on any thread, when requests for that come
     * @throws RefusedException if it is for others alone
     */
    CompletableFuture<?> join(Startup asked) throws RefusedException;

    /** Requests for what the peer serves come now; may close it. */
    void joined();

    // ---- while it serves

    /** What it serves, for people; null before it has joined. */
    String served();

    /** Whether it gets requests while it is free. */
    boolean takes();

    /** It is free, for the first time or again, and may be given a request within this call. */
    void free();

    /** There is no room for the unfinished header of its response: it is closed. */
    void crowdedOut();

    /** Its connection has ended; what becomes of the request that it served is told to that afterwards. */
    void left();
}
