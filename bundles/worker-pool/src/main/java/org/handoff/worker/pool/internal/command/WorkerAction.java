package org.handoff.worker.pool.internal.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.handoff.worker.pool.internal.PoolComponent;

/** A command that does one thing to each worker that its arguments name. Finds all of them before it begins. */
abstract class WorkerAction implements Action {

    @Reference
    List<PoolComponent> pools;

    private final BiConsumer<PoolComponent, String> action;

    /** @param action gets a worker's pool and id */
    WorkerAction(BiConsumer<PoolComponent, String> action) {
        this.action = action;
    }

    /** The arguments: ids of workers, and names of pools if the command allows these. */
    abstract List<String> names();

    @Override
    public Object execute() {
        Map<String, PoolComponent> workers = new LinkedHashMap<>();
        names().forEach(name -> workers.putAll(find(name)));
        workers.forEach((id, pool) -> action.accept(pool, id));
        return null;
    }

    /** The workers that a name stands for, each with its pool. */
    Map<String, PoolComponent> find(String name) {
        for (PoolComponent pool : pools) {
            if (Named.isWorkerOf(pool, name)) {
                return Map.of(name, pool);
            }
        }
        throw Named.noWorker(name);
    }
}
