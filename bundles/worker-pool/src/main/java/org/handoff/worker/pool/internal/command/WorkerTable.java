package org.handoff.worker.pool.internal.command;

import java.io.PrintStream;
import java.util.List;

import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.worker.pool.internal.PoolComponent;

/** The workers of pools as a table, and below it what is wrong with pools. */
final class WorkerTable {

    private WorkerTable() {}

    static void print(List<PoolComponent> pools, PrintStream out) {
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
        List<PoolComponent.PoolStatus> all =
                pools.stream().map(PoolComponent::status).toList();
        all.stream()
                .flatMap(pool -> pool.workers().stream())
                .forEach(worker -> table.addRow()
                        .addContent(
                                worker.id(),
                                worker.pool(),
                                worker.pid(),
                                worker.state(),
                                worker.requests(),
                                worker.connections(),
                                memory(worker.memory()),
                                age(worker.ageSeconds())));
        table.print(out);
        all.stream()
                .filter(pool -> !pool.problem().isEmpty())
                .forEach(pool -> out.println("Pool " + pool.name() + " is " + pool.problem()));
    }

    private static String memory(long bytes) {
        return bytes < 0 ? "" : bytes / (1024 * 1024) + " MiB";
    }

    private static String age(long seconds) {
        return seconds < 60
                ? seconds + " s"
                : seconds < 3600 ? seconds / 60 + " min" : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
}
