package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.handoff.worker.pool.internal.config.Brought;
import org.handoff.worker.pool.internal.config.FilesSettings;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.BundleClosure;
import org.handoff.worker.pool.internal.deploy.BundleStore;
import org.handoff.worker.pool.internal.deploy.Changes;
import org.handoff.worker.pool.internal.deploy.ConfigurationChanges;
import org.handoff.worker.pool.internal.deploy.ConfigurationStore;
import org.handoff.worker.pool.internal.deploy.Deployed;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.deploy.HandlerDeclaration;
import org.handoff.worker.pool.internal.deploy.HandlerFiles;
import org.handoff.worker.pool.internal.deploy.UnreportedChanges;
import org.handoff.worker.pool.internal.deploy.UsedConfigurations;
import org.handoff.worker.pool.internal.launch.ClassArchive;
import org.handoff.worker.pool.internal.launch.JavaProgram;
import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Want;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of Java workers, which serve handler bundles and files. Its workers start once there is a handler. */
public final class HandlerPoolRuntime implements PoolRuntime {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerPoolRuntime.class);

    private final String name;
    private volatile FilesSettings files;
    private final Deployed deployed;
    private final BundleClosure closure;
    private final BundleStore store;
    private final UsedConfigurations configurations;
    private final ConfigurationStore configurationStore;
    private final RolledPool pool;
    private volatile Brought brought;
    private final UnreportedChanges unreported;
    private final Changes changes;
    private final ConfigurationChanges configurationChanges;

    /** @throws IOException if the bundle's data folder cannot be written */
    HandlerPoolRuntime(Framework framework, MonitorLoop loop, PoolSettings settings) throws IOException {
        this.name = settings.name();
        files = settings.files();
        RuntimeJar runtime = new RuntimeJar(
                framework.context().getBundle(), framework.folder().resolve("runtime"));
        ClassArchive archive = new ClassArchive(runtime, framework.folder().resolve("class-archives"));
        archive.prepare(settings.workers().java());
        store = new BundleStore(framework.folderOf(name).resolve("bundles"));
        configurations = new UsedConfigurations(framework);
        configurationStore = new ConfigurationStore(framework.folderOf(name).resolve("configurations"));
        deployed = new Deployed(framework, refusal -> LOG.debug("pool {}: {}", name, refusal));
        closure = new BundleClosure(framework, runtime);
        pool = new RolledPool(
                framework, loop, settings, new JavaProgram(runtime, archive), this::keepOnly, this::wants);
        unreported = new UnreportedChanges(deployed, pool.executor(), pool::changed);
        changes = new Changes(
                framework.context(), type -> closure.refersTo(type) || deployed.awaits(type), pool::changed);
        configurationChanges = new ConfigurationChanges(framework.context(), configurations::isUsed, pool::changed);
        pool.start(() -> {
            configure(settings);
            changes.open();
            configurationChanges.open();
        });
    }

    /** On the pool's thread. */
    private List<Want> wants() {
        if (deployed.isStopping()) {
            return null;
        }
        List<Want> wants = new ArrayList<>();
        try (HandlerFiles bundles = bundles()) {
            deployed.handlers().stream()
                    .filter(handler -> handler.pool().equals(name))
                    .map(handler -> want(handler, bundles))
                    .forEach(wants::add);
        }
        FilesSettings served = files;
        if (served != null) {
            wants.addAll(Want.of(name, served));
        }
        unreported.goOn();
        return wants;
    }

    private HandlerFiles bundles() {
        try {
            return new HandlerFiles(closure, store, configurations, configurationStore, brought);
        } catch (IOException e) {
            throw new UncheckedIOException("Configuration Admin cannot read its configurations", e);
        }
    }

    private void keepOnly(Set<Path> used) throws IOException {
        store.keepOnly(used);
        configurationStore.keepOnly(used);
    }

    private Want want(HandlerDeclaration handler, HandlerFiles bundles) {
        if (!handler.waiting().isEmpty()) {
            return handler.want(null, handler.waiting());
        }
        if (!bundles.missing().isEmpty()) {
            return handler.want(null, "the pool's configuration names what there is not: " + bundles.missing());
        }
        try {
            return handler.want(
                    new Code(
                            handler.bundle().getSymbolicName(),
                            Want.label(handler.bundle()),
                            handler.component(),
                            bundles.of(handler.bundle()),
                            bundles.configurationsOf(handler.bundle())),
                    bundles.remark(handler.bundle()));
        } catch (IOException e) {
            LOG.error("Bundle {} cannot be copied for the workers of pool {}", handler.bundle(), name, e);
            return handler.want(null, "it cannot be copied for the workers: " + e.getMessage());
        } catch (IllegalStateException e) {
            LOG.debug("bundle {} changes while it is looked at", handler.bundle(), e);
            return handler.want(null, "its bundle, or one that it needs, is being changed");
        }
    }

    @Override
    public PoolControl<?> control() {
        return pool.control();
    }

    @Override
    public CompletableFuture<String> roll() {
        return pool.roll();
    }

    @Override
    public void configure(PoolSettings changed) {
        files = changed.files();
        brought = changed.brought();
        pool.configure(changed, changed.policy().settleSeconds());
    }

    @Override
    public void stop() {
        configurationChanges.close();
        changes.close();
        pool.stop();
    }
}
