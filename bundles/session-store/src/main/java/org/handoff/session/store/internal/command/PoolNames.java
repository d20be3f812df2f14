package org.handoff.session.store.internal.command;

import java.util.List;

import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.handoff.session.store.internal.SessionStoreComponent;
import org.handoff.session.store.internal.server.StoreServer;

/** Completes the names of pools with sessions. */
@Service
public class PoolNames implements Completer {

    @Reference
    SessionStoreComponent store;

    @Override
    public int complete(Session session, CommandLine commandLine, List<String> candidates) {
        return new StringsCompleter(
                        store.pools().stream().map(StoreServer.PoolStatus::pool).toList())
                .complete(session, commandLine, candidates);
    }
}
