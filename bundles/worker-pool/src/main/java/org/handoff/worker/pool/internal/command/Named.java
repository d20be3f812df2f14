package org.handoff.worker.pool.internal.command;

import java.util.List;

import org.handoff.worker.pool.internal.PoolComponent;

/** What a command's argument names, and the complaint where it names nothing. */
final class Named {

    private Named() {}

    /** The pool of that name. @throws IllegalArgumentException if there is none */
    static PoolComponent pool(List<PoolComponent> pools, String name) {
        return pools.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no pool " + name + "; there is one for each "
                        + "file etc/org.handoff.pool-NAME.cfg"));
    }

    /** Whether one of the pool's present workers has that id. */
    static boolean isWorkerOf(PoolComponent pool, String id) {
        return pool.workers().stream().anyMatch(worker -> worker.id().equals(id));
    }

    static IllegalArgumentException noWorker(String id) {
        return new IllegalArgumentException("there is no worker " + id + "; worker:list shows them all");
    }

    static IllegalArgumentException noWorkerNorPool(String name) {
        return new IllegalArgumentException("there is no worker " + name + ", nor a pool; worker:list shows them all");
    }
}
