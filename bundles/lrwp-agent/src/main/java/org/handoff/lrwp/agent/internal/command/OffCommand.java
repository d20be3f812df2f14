package org.handoff.lrwp.agent.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** {@code lrwp:off}. */
@Service
@Command(
        scope = "lrwp",
        name = "off",
        description = "Takes contexts of LRWP peers out of service; the peers stay connected")
public class OffCommand implements Action {

    @Argument(
            name = "contexts",
            description = "The contexts, as lrwp:contexts shows them; each on all its hosts",
            required = true,
            multiValued = true)
    @Completion(ContextNames.class)
    List<String> contexts;

    @Reference
    AgentComponent agent;

    @Override
    public Object execute() {
        contexts.forEach(context -> agent.setOff(context, true));
        return null;
    }
}
