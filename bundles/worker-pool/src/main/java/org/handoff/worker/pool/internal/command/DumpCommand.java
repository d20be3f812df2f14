package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** {@code worker:dump}. */
@Service
@Command(scope = "worker", name = "dump", description = "Writes thread dumps of workers to Karaf's log")
public class DumpCommand extends NamedWorkersAction {

    /** The command. */
    public DumpCommand() {
        super((pool, id) -> pool.questions().dump(id));
    }
}
