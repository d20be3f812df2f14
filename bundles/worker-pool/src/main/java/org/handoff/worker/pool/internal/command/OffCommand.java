package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:off}. */
@Service
@Command(
        scope = "worker",
        name = "off",
        description = "Takes workers out of service: they give their connections back and stay alive")
public class OffCommand extends WorkerAction {

    @Argument(
            name = "ids",
            description = "The workers' ids, as worker:list shows them",
            required = true,
            multiValued = true)
    @Completion(WorkerIds.class)
    List<String> ids;

    /** The command. */
    public OffCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.OFF));
    }

    @Override
    List<String> names() {
        return ids;
    }
}
