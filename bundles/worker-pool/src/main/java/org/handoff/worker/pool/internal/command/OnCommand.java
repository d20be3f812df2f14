package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:on}. */
@Service
@Command(scope = "worker", name = "on", description = "Puts workers back into service")
public class OnCommand extends NamedWorkersAction {

    /** The command. */
    public OnCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.ON));
    }
}
