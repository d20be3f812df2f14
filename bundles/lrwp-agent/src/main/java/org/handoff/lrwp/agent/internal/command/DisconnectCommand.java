package org.handoff.lrwp.agent.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** {@code lrwp:disconnect}. */
@Service
@Command(
        scope = "lrwp",
        name = "disconnect",
        description = "Ends peers' connections at once; requests in progress are answered 502")
public class DisconnectCommand implements Action {

    @Argument(
            name = "ids",
            description = "The peers' ids, as lrwp:peers shows them",
            required = true,
            multiValued = true)
    @Completion(PeerIds.class)
    List<Long> ids;

    @Reference
    AgentComponent agent;

    @Override
    public Object execute() {
        ids.forEach(agent::disconnect);
        return null;
    }
}
