package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:list}. */
@Service
@Command(scope = "worker", name = "list", description = "Shows the worker processes of all pools")
public class ListCommand implements Action {

    @Reference
    List<PoolComponent> pools;

    @Override
    public Object execute() {
        ShellTable table = new ShellTable();
        table.column("Id");
        table.column("Pool");
        table.column("Pid").alignRight();
        table.column("State");
        table.column("Requests").alignRight();
        table.column("Connections").alignRight();
        table.column("Memory").alignRight();
        table.column("Age").alignRight();
        table.emptyTableText("no workers: a pool starts them once it has a handler");
        for (PoolComponent pool : pools) {
            for (PoolComponent.WorkerStatus worker : pool.workers()) {
                table.addRow().addContent(worker.id(), worker.pool(), worker.pid(), worker.state(), worker.requests(),
                        worker.connections(), memory(worker.memory()), age(worker.ageSeconds()));
            }
        }
        table.print(System.out);
        return null;
    }

    private static String memory(long bytes) {
        return bytes < 0 ? "" : bytes / (1024 * 1024) + " MiB";
    }

    private static String age(long seconds) {
        return seconds < 60 ? seconds + " s"
                : seconds < 3600 ? seconds / 60 + " min"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
}
