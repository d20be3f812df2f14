package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:on}. */
@Service
@Command(scope = "worker", name = "on", description = "Puts workers back into service")
public class OnCommand extends WorkerAction {

    @Argument(
            name = "ids",
            description = "The workers' ids, as worker:list shows them",
            required = true,
            multiValued = true)
    @Completion(WorkerIds.class)
    List<String> ids;

    /** The command. */
    public OnCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.ON));
    }

    @Override
    List<String> names() {
        return ids;
    }
}
