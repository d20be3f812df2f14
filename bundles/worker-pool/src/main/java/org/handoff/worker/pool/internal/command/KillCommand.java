package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:kill}. */
@Service
@Command(scope = "worker", name = "kill", description = "Ends workers' processes at once; the pool replaces them")
public class KillCommand extends WorkerAction {

    @Argument(
            name = "ids",
            description = "The workers' ids, as worker:list shows them",
            required = true,
            multiValued = true)
    @Completion(WorkerIds.class)
    List<String> ids;

    /** The command. */
    public KillCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.KILL));
    }

    @Override
    List<String> names() {
        return ids;
    }
}
