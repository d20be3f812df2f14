package org.handoff.worker.pool.internal.command;

import java.util.List;
import java.util.function.BiConsumer;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Completion;
import org.handoff.worker.pool.internal.PoolComponent;

/** A command whose arguments are ids of workers. */
abstract class NamedWorkersAction extends WorkerAction {

    @Argument(
            name = "ids",
            description = "The workers' ids, as worker:list shows them",
            required = true,
            multiValued = true)
    @Completion(WorkerIds.class)
    List<String> ids;

    /** @param action gets a worker's pool and id */
    NamedWorkersAction(BiConsumer<PoolComponent, String> action) {
        super(action);
    }

    @Override
    List<String> names() {
        return ids;
    }
}
