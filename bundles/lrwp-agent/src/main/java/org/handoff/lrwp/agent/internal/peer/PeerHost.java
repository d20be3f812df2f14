package org.handoff.lrwp.agent.internal.peer;

import java.util.concurrent.CompletableFuture;

import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.protocol.RefusedException;
import org.handoff.lrwp.protocol.Startup;

/** The host of a peer's connection: hears of its events, and decides its permissions. On the agent's loop. */
public interface PeerHost {

    /** The present settings. */
    LrwpSettings settings();

    /** The memory that counts the peer's bytes. */
    MemoryBudget memory();

    // ---- while the peer starts, in this order

    /** @throws RefusedException if the peer is refused without regard to its startup string */
    void checkWelcome() throws RefusedException;

    /**
     * The password for the peer's startup string; empty for none.
     *
     * @throws RefusedException if the peer may not have the context
     */
    String password(Startup asked) throws RefusedException;

    /** The peer is told the reason of its refusal, and closed soon. */
    void refused(String why);

    /** Finds out which process the peer belongs to. Completed on any thread. */
    CompletableFuture<?> recognise();

    /**
     * The peer begins to serve the context that it asked for.
     *
     * @return completed, on any thread, when requests for the context come
     * @throws RefusedException if the context is kept for other peers
     */
    CompletableFuture<?> join(Startup asked) throws RefusedException;

    /** Requests for what the peer serves come now; may close it. */
    void joined();

    // ---- while it serves

    /** The context that it serves, for people; null before it has joined. */
    String served();

    /** Whether it gets requests while it is free. */
    boolean takes();

    /** The peer is free, for the first time or again, and may be given a request within this call. */
    void free();

    /** There is no room for the unfinished header of the response: the peer is closed. */
    void crowdedOut();

    /** The connection has ended; its request hears of that afterwards. */
    void left();
}
