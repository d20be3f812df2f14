package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.plan.Want;
import org.handoff.worker.pool.internal.supervision.PoolControl;

/**
 * A pool of programs that speak the worker protocol. Its file defines the program and the contexts, so a changed file
 * is new code: it is tried, and the former program goes on if the new one does not get ready.
 */
final class NativePoolRuntime implements PoolRuntime {

    private final RolledPool pool;
    private volatile PoolSettings settings;

    /** @throws IOException if the bundle's data folder cannot be written */
    NativePoolRuntime(Framework framework, MonitorLoop loop, PoolSettings settings) throws IOException {
        this.settings = settings;
        pool = new RolledPool(
                framework,
                loop,
                settings,
                (generation, folder) -> generation.program().process(),
                used -> {},
                () -> Want.of(this.settings.name(), this.settings.program()));
        pool.start(() -> configure(settings));
    }

    @Override
    public PoolControl<?> control() {
        return pool.control();
    }

    @Override
    public CompletableFuture<String> roll() {
        return pool.roll();
    }

    /** A context removed from the file goes with the program that served it. */
    @Override
    public void configure(PoolSettings changed) {
        settings = changed;
        pool.configure(changed, 0);
    }

    @Override
    public void stop() {
        pool.stop();
    }
}
