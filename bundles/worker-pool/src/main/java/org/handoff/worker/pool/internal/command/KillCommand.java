package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:kill}. */
@Service
@Command(scope = "worker", name = "kill", description = "Ends workers' processes at once; the pool replaces them")
public class KillCommand extends NamedWorkersAction {

    /** The command. */
    public KillCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.KILL));
    }
}
