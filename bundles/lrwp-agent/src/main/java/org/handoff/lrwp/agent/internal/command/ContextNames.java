package org.handoff.lrwp.agent.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** Completes the contexts that peers serve. */
@Service
public class ContextNames implements Completer {

    @Reference
    AgentComponent agent;

    @Override
    public int complete(Session session, CommandLine commandLine, List<String> candidates) {
        return new StringsCompleter(agent.contexts().stream()
                        .map(AgentComponent.ContextStatus::context)
                        .distinct()
                        .toList())
                .complete(session, commandLine, candidates);
    }
}
