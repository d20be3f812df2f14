package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:dump}. */
@Service
@Command(scope = "worker", name = "dump", description = "Writes thread dumps of workers to Karaf's log")
public class DumpCommand extends WorkerAction {

    @Argument(
            name = "ids",
            description = "The workers' ids, as worker:list shows them",
            required = true,
            multiValued = true)
    @Completion(WorkerIds.class)
    List<String> ids;

    /** The command. */
    public DumpCommand() {
        super(PoolComponent::dump);
    }

    @Override
    List<String> names() {
        return ids;
    }
}
