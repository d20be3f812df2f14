package org.handoff.worker.pool.internal.command;

import java.io.IOException;
import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:scale}. */
@Service
@Command(
        scope = "worker",
        name = "scale",
        description = "Sets the number of workers of a pool, in its configuration, so that a restart of Karaf keeps it")
public class ScaleCommand implements Action {

    @Reference
    List<PoolComponent> pools;

    @Argument(index = 0, name = "pool", description = "The pool's name, as worker:list shows it", required = true)
    @Completion(Pools.class)
    String name;

    @Argument(index = 1, name = "workers", description = "The number of workers", required = true)
    int workers;

    @Override
    public Object execute() throws IOException {
        Named.pool(pools, name).scale(workers);
        return null;
    }
}
