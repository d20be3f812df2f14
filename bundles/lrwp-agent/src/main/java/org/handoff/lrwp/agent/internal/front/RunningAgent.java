package org.handoff.lrwp.agent.internal.front;

import io.netty.channel.EventLoop;
import org.handoff.lrwp.agent.internal.application.Agent;

/** The agent with its event loop, as the front needs them. */
public interface RunningAgent {

    Agent agent();

    EventLoop eventLoop();

    /** Whether an error has reached the loop: it gets no more events of connections, and only closes them. */
    boolean isBroken();
}
