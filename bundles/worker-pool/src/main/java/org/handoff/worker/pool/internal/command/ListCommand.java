package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:list}. */
@Service
@Command(scope = "worker", name = "list", description = "Shows the worker processes of all pools")
public class ListCommand implements Action {

    @Reference
    List<PoolComponent> pools;

    @Override
    public Object execute() {
        WorkerTable.print(pools, System.out);
        return null;
    }
}
