package org.handoff.lrwp.agent.internal.command;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** {@code lrwp:peers}. */
@Service
@Command(scope = "lrwp", name = "peers", description = "Shows the connections of LRWP peers")
public class PeersCommand implements Action {

    private static final DateTimeFormatter SINCE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    @Reference
    AgentComponent agent;

    @Override
    public Object execute() {
        ShellTable table = new ShellTable();
        table.column("Id").alignRight();
        table.column("Context");
        table.column("Host");
        table.column("Address");
        table.column("Version");
        table.column("State");
        table.column("Requests").alignRight();
        table.column("Since");
        table.emptyTableText("no peers; the agent is " + agent.listener());
        for (AgentComponent.PeerStatus peer : agent.peers()) {
            table.addRow()
                    .addContent(
                            peer.id(),
                            peer.context(),
                            peer.host().isEmpty() ? "*" : peer.host(),
                            peer.address(),
                            peer.version(),
                            peer.state(),
                            peer.requests(),
                            SINCE.format(peer.since()));
        }
        table.print(System.out);
        return null;
    }
}
