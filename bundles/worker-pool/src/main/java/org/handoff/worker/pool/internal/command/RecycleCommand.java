package org.handoff.worker.pool.internal.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:recycle}. */
@Service
@Command(
        scope = "worker",
        name = "recycle",
        description = "Replaces workers by new ones, one at a time; each goes when its replacement is ready")
public class RecycleCommand extends WorkerAction {

    @Argument(
            name = "names",
            description = "Names of pools or ids of workers; all pools by default",
            multiValued = true)
    @Completion(WorkerIdsAndPools.class)
    List<String> names;

    /** The command. */
    public RecycleCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.RECYCLE));
    }

    @Override
    List<String> names() {
        return names != null ? names : pools.stream().map(PoolComponent::name).toList();
    }

    @Override
    Map<String, PoolComponent> find(String name) {
        for (PoolComponent pool : pools) {
            if (pool.name().equals(name)) {
                Map<String, PoolComponent> workers = new LinkedHashMap<>();
                pool.workers().stream()
                        .filter(worker ->
                                worker.state().equals("on") || worker.state().equals("off"))
                        .forEach(worker -> workers.put(worker.id(), pool));
                return workers;
            }
        }
        return super.find(name);
    }
}
