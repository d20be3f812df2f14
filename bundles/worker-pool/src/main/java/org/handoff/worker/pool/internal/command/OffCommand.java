package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:off}. */
@Service
@Command(
        scope = "worker",
        name = "off",
        description = "Takes workers out of service: they give their connections back and stay alive")
public class OffCommand extends NamedWorkersAction {

    /** The command. */
    public OffCommand() {
        super((pool, id) -> pool.act(id, PoolComponent.Action.OFF));
    }
}
