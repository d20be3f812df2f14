package org.handoff.lrwp.agent.internal.front;

import java.util.List;

import io.netty.channel.EventLoop;
import org.handoff.lrwp.agent.internal.application.Agent;

/** The agent with its event loop, as the front needs them. */
public interface RunningAgent {

    Agent agent();

    /** The loop of the peers. */
    EventLoop eventLoop();

    /** The loops for clients' connections; the loop of the peers if there is no other. */
    List<EventLoop> clientLoops();

    /** Whether an error has reached one of the loops: that one gets no more events of connections, and only closes them. */
    boolean isBroken();
}
