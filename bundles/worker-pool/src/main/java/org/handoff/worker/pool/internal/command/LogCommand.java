package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;
import org.handoff.worker.pool.internal.supervision.WorkerReport;

/** {@code worker:log}. */
@Service
@Command(
        scope = "worker",
        name = "log",
        description = "Shows the last lines and log entries of a worker, also of one that has ended recently")
public class LogCommand implements Action {

    @Reference
    List<PoolComponent> pools;

    @Argument(name = "id", description = "The worker's id, as worker:list shows it", required = true)
    @Completion(WorkerIds.class)
    String id;

    @Override
    public Object execute() {
        WorkerReport worker = pools.stream()
                .flatMap(pool -> pool.reports().stream())
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Named.noWorker(id));
        worker.output().lines().forEach(System.out::println);
        return null;
    }
}
