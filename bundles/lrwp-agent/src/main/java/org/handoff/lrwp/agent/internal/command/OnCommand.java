package org.handoff.lrwp.agent.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** {@code lrwp:on}. */
@Service
@Command(scope = "lrwp", name = "on", description = "Puts contexts of LRWP peers back into service")
public class OnCommand implements Action {

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
        contexts.forEach(context -> agent.setOff(context, false));
        return null;
    }
}
