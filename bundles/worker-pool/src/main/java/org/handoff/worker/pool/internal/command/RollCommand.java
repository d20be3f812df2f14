package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;

/** {@code worker:roll}. */
@Service
@Command(
        scope = "worker",
        name = "roll",
        description = "Replaces all workers of a pool by a new generation, and waits until it serves or has failed")
public class RollCommand implements Action {

    @Reference
    List<PoolComponent> pools;

    @Argument(name = "pool", description = "The pool's name, as worker:list shows it", required = true)
    @Completion(Pools.class)
    String name;

    @Override
    public Object execute() {
        PoolComponent pool = Named.pool(pools, name);
        System.out.println("pool " + name + ": " + pool.roll());
        return null;
    }
}
