package org.handoff.monitor.internal.command;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.monitor.internal.MonitorComponent;

/** {@code monitor:contexts}. */
@Service
@Command(scope = "monitor", name = "contexts", description = "Shows which target answers which URL context")
public class ContextsCommand implements Action {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    @Reference
    MonitorComponent monitor;

    @Override
    public Object execute() {
        ShellTable table = new ShellTable();
        table.column("Context");
        table.column("Host");
        table.column("Target");
        table.column("State");
        table.column("Since");
        table.column("Serves");
        table.column("Wanted");
        table.column("Problem");
        table.emptyTableText("no contexts: deploy a handler bundle");
        for (MonitorComponent.ContextStatus context : monitor.contexts()) {
            table.addRow()
                    .addContent(
                            context.context(),
                            context.host().isEmpty() ? "*" : context.host(),
                            context.target(),
                            context.state(),
                            context.since() == null ? "" : TIME.format(context.since()),
                            context.serves(),
                            context.wanted(),
                            context.problem());
        }
        table.print(System.out);
        return null;
    }
}
