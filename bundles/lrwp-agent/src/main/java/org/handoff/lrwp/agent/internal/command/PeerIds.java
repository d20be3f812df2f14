package org.handoff.lrwp.agent.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** Completes the ids of peers. */
@Service
public class PeerIds implements Completer {

    @Reference
    AgentComponent agent;

    @Override
    public int complete(Session session, CommandLine commandLine, List<String> candidates) {
        return new StringsCompleter(agent.peers().stream()
                        .map(peer -> Long.toString(peer.id()))
                        .toList())
                .complete(session, commandLine, candidates);
    }
}
