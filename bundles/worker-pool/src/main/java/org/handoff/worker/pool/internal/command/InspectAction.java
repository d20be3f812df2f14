package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.worker.pool.internal.PoolComponent;
import org.handoff.worker.pool.internal.output.VisibleText;
import org.handoff.worker.protocol.Inspect;

/** A command that shows, as a table, what the framework of a Java worker contains. */
abstract class InspectAction implements Action {

    @Reference
    List<PoolComponent> pools;

    @Argument(
            name = "name",
            description = "The pool's name, for its newest worker that is ready; or the worker's id",
            required = true)
    @Completion(WorkerIdsAndPools.class)
    String name;

    private final Inspect.Subject subject;
    private final String[] columns;

    InspectAction(Inspect.Subject subject, String... columns) {
        this.subject = subject;
        this.columns = columns;
    }

    @Override
    public Object execute() {
        ShellTable table = new ShellTable();
        for (String column : columns) {
            table.column(column);
        }
        pool().questions()
                .inspect(name, subject)
                .forEach(row -> table.addRow()
                        .addContent(row.stream()
                                .limit(columns.length)
                                .map(VisibleText::of)
                                .toArray()));
        table.print(System.out);
        return null;
    }

    private PoolComponent pool() {
        return pools.stream()
                .filter(pool -> pool.name().equals(name) || Named.isWorkerOf(pool, name))
                .findFirst()
                .orElseThrow(() -> Named.noWorkerNorPool(name));
    }
}
