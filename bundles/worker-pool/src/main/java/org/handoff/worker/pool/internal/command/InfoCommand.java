package org.handoff.worker.pool.internal.command;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.pool.internal.PoolComponent;
import org.handoff.worker.pool.internal.supervision.WorkerReport;

/** {@code worker:info}. */
@Service
@Command(
        scope = "worker",
        name = "info",
        description = "Shows everything about a pool or a worker, also a worker that has ended recently")
public class InfoCommand implements Action {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    @Reference
    List<PoolComponent> pools;

    @Argument(
            name = "name",
            description = "The worker's id or the pool's name, as worker:list shows them",
            required = true)
    @Completion(WorkerIdsAndPools.class)
    String id;

    @Override
    public Object execute() {
        for (PoolComponent pool : pools) {
            List<WorkerReport> reports = pool.reports();
            for (WorkerReport worker : reports) {
                if (worker.id().equals(id)) {
                    print(worker, pool, reports);
                    return null;
                }
            }
        }
        pools.stream().filter(pool -> pool.name().equals(id)).findFirst().ifPresentOrElse(InfoCommand::print, () -> {
            throw Named.noWorkerNorPool(id);
        });
        return null;
    }

    private static void print(PoolComponent pool) {
        PoolComponent.PoolStatus status = pool.status();
        line("pool", named(status));
        line("workers", status.workers().size() + " of " + status.wanted());
        line("waiting", status.waiting());
        pool.settleSeconds().ifPresent(seconds -> line("settle time", seconds + " s"));
    }

    private static String named(PoolComponent.PoolStatus pool) {
        return pool.name() + (pool.problem().isEmpty() ? "" : ", which is " + pool.problem());
    }

    private static void print(WorkerReport worker, PoolComponent pool, List<WorkerReport> all) {
        line("id", worker.id());
        line("state", worker.state() + (worker.end().isEmpty() ? "" : ": " + worker.end()));
        line("pool", named(pool.status()));
        line("pid", worker.pid());
        line("generation", worker.generation());
        if (!worker.java().isEmpty()) {
            line("java", worker.java());
        }
        line("command", String.join(" ", worker.command()));
        line("requests", worker.requests());
        line(
                "connections",
                worker.connections().isEmpty()
                        ? "0"
                        : worker.connections().entrySet().stream()
                                .map(entry -> entry.getValue() + " " + entry.getKey())
                                .collect(Collectors.joining(", ")));
        line(
                "request",
                worker.handling() == 0
                        ? "none"
                        : "of connection " + worker.handling() + ", for " + worker.handlingMillis() + " ms");
        worker.history().forEach(event -> line("history", TIME.format(event.at()) + " " + event.what()));
        line(
                "last exit",
                all.stream()
                        .filter(one -> !one.end().isEmpty())
                        .reduce((first, second) -> second)
                        .map(last -> TIME.format(last.history()
                                        .get(last.history().size() - 1)
                                        .at()) + " " + last.id() + ", " + last.end())
                        .orElse("none of this pool"));
    }

    private static void line(String what, Object value) {
        System.out.printf("%-12s %s%n", what, value);
    }
}
