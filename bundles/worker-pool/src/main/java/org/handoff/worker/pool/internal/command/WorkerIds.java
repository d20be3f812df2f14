package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.handoff.worker.pool.internal.PoolComponent;

/** Completes the ids of workers. */
@Service
public class WorkerIds implements Completer {

    @Reference
    List<PoolComponent> pools;

    @Override
    public int complete(Session session, CommandLine commandLine, List<String> candidates) {
        return new StringsCompleter(pools.stream()
                        .flatMap(pool -> pool.workers().stream())
                        .map(PoolComponent.WorkerStatus::id)
                        .toList())
                .complete(session, commandLine, candidates);
    }
}
