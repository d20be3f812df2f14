package org.handoff.lrwp.agent.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** A command that puts each context it names in or out of service. */
abstract class ContextAction implements Action {

    @Argument(
            name = "contexts",
            description = "The contexts, as lrwp:contexts shows them; each on all its hosts",
            required = true,
            multiValued = true)
    @Completion(ContextNames.class)
    List<String> contexts;

    @Reference
    AgentComponent agent;

    private final boolean off;

    /** @param off whether the command takes contexts out of service */
    ContextAction(boolean off) {
        this.off = off;
    }

    @Override
    public Object execute() {
        contexts.forEach(context -> agent.setOff(context, off));
        return null;
    }
}
