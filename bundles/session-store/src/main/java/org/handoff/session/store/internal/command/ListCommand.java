package org.handoff.session.store.internal.command;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.handoff.session.store.internal.SessionStoreComponent;
import org.handoff.session.store.internal.memory.SessionMemory;
import org.handoff.session.store.internal.server.StoreServer;

/** {@code session:list}. */
@Service
@Command(
        scope = "session",
        name = "list",
        description = "Shows the pools with sessions in Karaf's memory, or sessions of one pool")
public class ListCommand implements Action {

    private static final int MOST = 100;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    @Reference
    SessionStoreComponent store;

    @Argument(
            name = "pool",
            description =
                    "A pool, to show the " + MOST + " sessions that have been idle the longest; without, all pools")
    @Completion(PoolNames.class)
    String pool;

    @Override
    public Object execute() {
        if (pool == null) {
            pools().print(System.out);
        } else {
            sessions().print(System.out);
        }
        if (!store.problem().isEmpty()) {
            System.out.println("The store of sessions is " + store.problem());
        }
        return null;
    }

    private ShellTable pools() {
        ShellTable table = new ShellTable();
        table.column("Pool");
        table.column("Sessions").alignRight();
        table.column("Bytes").alignRight();
        table.column("Connections").alignRight();
        table.column("Dropped").alignRight();
        table.column("Problem");
        table.emptyTableText("no pools that keep sessions in Karaf's memory");
        for (StoreServer.PoolStatus one : store.pools()) {
            table.addRow()
                    .addContent(
                            one.pool(), one.sessions(), one.bytes(), one.connections(), one.dropped(), one.problem());
        }
        return table;
    }

    private ShellTable sessions() {
        if (store.pools().stream().noneMatch(one -> one.pool().equals(pool))) {
            throw new IllegalArgumentException(
                    "no pool " + pool + " keeps sessions in Karaf's memory; session:list shows those that do");
        }
        ShellTable table = new ShellTable();
        table.column("Session");
        table.column("Since");
        table.column("Idle").alignRight();
        table.column("Ends in").alignRight();
        table.column("Attributes").alignRight();
        table.column("Bytes").alignRight();
        table.emptyTableText("no sessions");
        for (SessionMemory.Shown one : store.sessions(pool, MOST)) {
            table.addRow()
                    .addContent(
                            one.id(),
                            TIME.format(Instant.ofEpochMilli(one.created())),
                            one.idleSeconds() + " s",
                            one.leftSeconds() < 0 ? "never" : one.leftSeconds() + " s",
                            one.attributes(),
                            one.bytes());
        }
        return table;
    }
}
