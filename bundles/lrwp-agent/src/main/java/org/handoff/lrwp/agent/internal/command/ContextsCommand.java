package org.handoff.lrwp.agent.internal.command;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.lrwp.agent.internal.AgentComponent;

/** {@code lrwp:contexts}. */
@Service
@Command(scope = "lrwp", name = "contexts", description = "Shows the contexts that LRWP peers serve")
public class ContextsCommand implements Action {

    @Reference
    AgentComponent agent;

    @Override
    public Object execute() {
        ShellTable table = new ShellTable();
        table.column("Context");
        table.column("Host");
        table.column("State");
        table.column("Peers").alignRight();
        table.column("Busy").alignRight();
        table.column("Waiting").alignRight();
        table.column("Requests").alignRight();
        table.column("Problem");
        table.emptyTableText("no contexts; the agent is " + agent.listener());
        for (AgentComponent.ContextStatus one : agent.contexts()) {
            table.addRow()
                    .addContent(
                            one.context(),
                            one.host().isEmpty() ? "*" : one.host(),
                            one.off() ? "off" : "on",
                            one.peers(),
                            one.busy(),
                            one.waiting(),
                            one.requests(),
                            one.problem());
        }
        table.print(System.out);
        if (!agent.problem().isEmpty()) {
            System.out.println("The agent is " + agent.problem());
        }
        return null;
    }
}
