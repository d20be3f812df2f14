package org.handoff.monitor.internal.command;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.monitor.internal.MonitorComponent;

/** {@code monitor:status}. */
@Service
@Command(scope = "monitor", name = "status", description = "Shows the listener and counts its connections")
public class StatusCommand implements Action {

    @Reference
    MonitorComponent monitor;

    @Override
    public Object execute() {
        MonitorComponent.Status status = monitor.status();
        ShellTable table = new ShellTable();
        table.column("What");
        table.column("Value");
        table.addRow().addContent("listener", status.listener());
        if (!status.problem().isEmpty()) {
            table.addRow().addContent("configuration, not in effect", status.problem());
        }
        if (!status.unknownKeys().isEmpty()) {
            table.addRow().addContent("configuration", status.unknownKeys());
        }
        for (MonitorComponent.Port port : status.ports()) {
            table.addRow()
                    .addContent(
                            "listener of " + port.target(),
                            port.listener() + ", " + port.open() + " connections, " + port.ended()
                                    + " closed unserved");
        }
        table.addRow().addContent("connections", status.open());
        table.addRow().addContent("connections parked", status.parked());
        table.addRow().addContent("connections with workers", status.held());
        table.addRow().addContent("accepted", status.accepted());
        table.addRow().addContent("handed off", status.handedOff());
        table.addRow().addContent("answered by the monitor", status.answered());
        table.addRow().addContent("ended or refused for want of memory", status.ended());
        table.addRow().addContent("memory of connections, bytes", status.memory() + " of " + status.memoryBound());
        table.addRow().addContent("started anew after an error", status.restarts());
        table.addRow().addContent("connections lost by that", status.lost());
        table.print(System.out);
        return null;
    }
}
