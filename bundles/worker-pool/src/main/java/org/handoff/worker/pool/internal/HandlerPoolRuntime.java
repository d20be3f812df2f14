package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.BundleClosure;
import org.handoff.worker.pool.internal.deploy.BundleStore;
import org.handoff.worker.pool.internal.deploy.Changes;
import org.handoff.worker.pool.internal.deploy.ContextRegistrations;
import org.handoff.worker.pool.internal.deploy.Deployed;
import org.handoff.worker.pool.internal.deploy.HandlerDeclaration;
import org.handoff.worker.pool.internal.deploy.HandlerFiles;
import org.handoff.worker.pool.internal.deploy.RolloutController;
import org.handoff.worker.pool.internal.dispatch.WaitingRooms;
import org.handoff.worker.pool.internal.dispatch.WorkerPool;
import org.handoff.worker.pool.internal.launch.ClassArchive;
import org.handoff.worker.pool.internal.launch.JavaProgram;
import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.Want;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of Java workers, which serve handler bundles. Its workers start once there is a handler. */
public final class HandlerPoolRuntime implements PoolRuntime {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerPoolRuntime.class);

    /** So often a file is looked at that Karaf does not take. */
    private static final int LOOK_AGAIN_SECONDS = 1;

    private final String name;
    private final MonitorLoop loop;
    private final ScheduledExecutorService executor;
    private final WorkerPool pool;
    private final RolloutController planner;
    private final Deployed deployed;
    private final BundleClosure closure;
    private final BundleStore store;
    private final Changes changes;
    private final ContextRegistrations contexts;

    /** @throws IOException if the bundle's data folder cannot be written */
    HandlerPoolRuntime(
            BundleContext context, MonitorLoop loop, ServiceComponentRuntime components, PoolSettings settings)
            throws IOException {
        this.name = settings.name();
        this.loop = loop;
        Path folder = context.getDataFile("").toPath();
        RuntimeJar runtime = new RuntimeJar(context.getBundle(), folder.resolve("runtime"));
        Path own = folder.resolve("pool-" + name);
        ClassArchive archive = new ClassArchive(runtime, folder.resolve("class-archives"));
        archive.prepare(settings.workers().java());
        WorkerLauncher launcher = new WorkerLauncher(new JavaProgram(runtime, archive), own.resolve("workers"));
        store = new BundleStore(own.resolve("bundles"));
        deployed = new Deployed(context, components);
        closure = new BundleClosure(context, components, runtime);
        // From here on there is something to stop; what fails mostly has been done.
        executor = PoolThread.start("handoff-pool-" + name);
        pool = loop.call(() -> new WorkerPool(name, loop.loop(), launcher, executor, settings.policy()));
        contexts = new ContextRegistrations(context, name, pool, new WaitingRooms(loop.loop(), pool::policy)::open);
        planner = new RolloutController(this::wants, store, executor, contexts, this::roll);
        changes = new Changes(context, type -> closure.refersTo(type) || deployed.awaits(type), planner::changed);
        try {
            configure(planner, settings);
            changes.open();
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private static void configure(RolloutController planner, PoolSettings settings) {
        planner.configure(settings.workers(), settings.policy().settleSeconds());
    }

    /** On the executor. */
    private List<Want> wants() {
        if (deployed.isStopping()) {
            return null;
        }
        HandlerFiles files = new HandlerFiles(closure.now(), store);
        List<Want> wants = deployed.handlers().stream()
                .filter(handler -> handler.pool().equals(name))
                .map(handler -> want(handler, files))
                .toList();
        if (deployed.hasBroken()) {
            executor.schedule(planner::changed, LOOK_AGAIN_SECONDS, TimeUnit.SECONDS);
        }
        return wants;
    }

    private Want want(HandlerDeclaration handler, HandlerFiles files) {
        if (!handler.waiting().isEmpty()) {
            return handler.want(null, handler.waiting());
        }
        try {
            return handler.want(
                    new Code(
                            handler.bundle().getSymbolicName(),
                            Want.label(handler.bundle()),
                            handler.component(),
                            files.of(handler.bundle())),
                    "");
        } catch (IOException e) {
            LOG.error("Bundle {} cannot be copied for the workers of pool {}", handler.bundle(), name, e);
            return handler.want(null, "it cannot be copied for the workers: " + e.getMessage());
        } catch (IllegalStateException e) {
            LOG.debug("bundle {} changes while it is looked at", handler.bundle(), e);
            return handler.want(null, "its bundle, or one that it needs, is being changed");
        }
    }

    private void roll(Generation generation, boolean suspect) {
        loop.loop().execute(() -> {
            if (generation == null) {
                pool.rollToNothing();
            } else {
                pool.roll(generation, suspect, planner);
            }
        });
    }

    @Override
    public PoolControl<?> staff() {
        return pool;
    }

    @Override
    public CompletableFuture<String> roll() {
        return planner.roll();
    }

    @Override
    public void configure(PoolSettings changed) {
        loop.call(() -> {
            pool.configure(changed.policy());
            return null;
        });
        configure(planner, changed);
    }

    /** Withdraws the contexts and lets go of the workers, which finish what they hold and exit. */
    @Override
    public void stop() {
        changes.close();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("Pool {} stops while a plan is still being made", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        contexts.update(List.of());
        loop.call(() -> {
            pool.close();
            return null;
        });
    }
}
