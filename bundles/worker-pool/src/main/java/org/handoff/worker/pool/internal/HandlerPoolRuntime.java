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
import org.handoff.worker.pool.internal.config.ServletSettings;
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
import org.handoff.worker.pool.internal.servlet.PoolServlets;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.osgi.framework.Filter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of Java workers, which serve handler bundles and files. Its workers start once there is a handler. */
public final class HandlerPoolRuntime implements PoolRuntime {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerPoolRuntime.class);

    private final String name;
    private volatile FilesSettings files;
    private final Deployed<HandlerDeclaration> deployed;
    private final BundleClosure closure;
    private final BundleStore store;
    private final UsedConfigurations configurations;
    private final ConfigurationStore configurationStore;
    private final RolledPool pool;
    private final Framework framework;
    private volatile Brought brought;
    /** Null for none. */
    private volatile PoolServlets servlets;

    private final UnreportedChanges unreported;
    private final Changes changes;
    private final ConfigurationChanges configurationChanges;

    /** @throws IOException if the bundle's data folder cannot be written */
    HandlerPoolRuntime(Framework framework, MonitorLoop loop, PoolSettings settings) throws IOException {
        this.name = settings.name();
        this.framework = framework;
        files = settings.files();
        RuntimeJar runtime = new RuntimeJar(
                framework.context().getBundle(), framework.folder().resolve("runtime"));
        ClassArchive archive = new ClassArchive(runtime, framework.folder().resolve("class-archives"));
        archive.prepare(settings.workers().java());
        store = new BundleStore(framework.folderOf(name).resolve("bundles"));
        configurations = new UsedConfigurations(framework);
        configurationStore = new ConfigurationStore(framework.folderOf(name).resolve("configurations"));
        deployed =
                new Deployed<>(framework, HandlerDeclaration.ALL, refusal -> LOG.debug("pool {}: {}", name, refusal));
        closure = new BundleClosure(framework, runtime);
        pool = new RolledPool(
                framework, loop, settings, new JavaProgram(runtime, archive), this::keepOnly, this::wants);
        unreported = new UnreportedChanges(deployed, pool.executor(), pool::changed);
        changes = new Changes(framework.context(), this::isOfInterest, pool::changed);
        configurationChanges = new ConfigurationChanges(framework.context(), configurations::isUsed, pool::changed);
        pool.start(() -> {
            configure(settings);
            changes.open();
            configurationChanges.open();
        });
    }

    private boolean isOfInterest(String type) {
        PoolServlets served = servlets;
        return closure.refersTo(type) || deployed.awaits(type) || served != null && served.awaits(type);
    }

    /** On the pool's thread. */
    private List<Want> wants() {
        if (deployed.isStopping()) {
            return null;
        }
        List<Want> wants = new ArrayList<>();
        PoolServlets web = servlets;
        try (HandlerFiles bundles = bundles(web != null)) {
            deployed.declared().stream()
                    .filter(handler -> handler.pool().equals(name))
                    .map(handler -> want(handler, bundles))
                    .forEach(wants::add);
            if (web != null) {
                wants.addAll(web.wants(bundles));
            }
        }
        FilesSettings served = files;
        if (served != null) {
            wants.addAll(Want.of(name, served));
        }
        unreported.goOn();
        return wants;
    }

    private HandlerFiles bundles(boolean hasServlets) {
        try {
            return new HandlerFiles(
                    closure,
                    store,
                    configurations,
                    configurationStore,
                    brought,
                    capability -> hasServlets && PoolServlets.isReplaced(capability));
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
        HandlerFiles.Root own = HandlerFiles.Root.of(handler.bundle());
        try {
            return handler.want(
                    new Code(
                            handler.bundle().getSymbolicName(),
                            Want.label(handler.bundle()),
                            handler.component(),
                            bundles.of(own),
                            bundles.configurationsOf(own)),
                    bundles.remark(own));
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
        configureServlets(changed);
        pool.configure(changed, changed.policy().settleSeconds());
    }

    private void configureServlets(PoolSettings changed) {
        PoolServlets former = servlets;
        ServletSettings wanted = changed.servlets();
        Filter database = changed.workers().sessions().dataSource();
        if (former != null && wanted != null && former.isOf(wanted, database)) {
            return;
        }
        servlets = wanted == null
                ? null
                : new PoolServlets(framework, name, wanted, database, pool.executor(), pool::changed);
        if (former != null) {
            former.stop();
        }
    }

    @Override
    public String missing() {
        PoolServlets served = servlets;
        return served == null ? "" : served.problem();
    }

    @Override
    public void stop() {
        PoolServlets served = servlets;
        if (served != null) {
            served.stop();
        }
        configurationChanges.close();
        changes.close();
        pool.stop();
    }
}
