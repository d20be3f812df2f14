package org.handoff.worker.runtime.handler;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.management.MBeanServer;

import org.apache.felix.framework.FrameworkFactory;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.runtime.log.OsgiLogService;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.hooks.service.EventHook;
import org.osgi.framework.hooks.service.FindHook;
import org.osgi.framework.hooks.service.ListenerHook;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.condition.Condition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OSGi framework for the handlers' bundles, with Declarative Services. A bundle that cannot be installed or started
 * does not stop the framework: the reason is kept, and the others run.
 */
public final class HandlerFramework implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerFramework.class);

    /**
     * The JDK's package that javax.sql refers to, in the versions in which bundles import it, as Karaf exports it. The
     * mandatory attribute is for Apache DBCP, which imports it so.
     */
    private static final String TRANSACTIONS = "javax.transaction.xa";

    // Literally, as all text at a worker's start: the JVM makes code for text that is put together, each time anew.
    private static final String EXPORTED_TRANSACTIONS =
            "javax.transaction.xa;version=\"1.1\";partial=true;mandatory:=partial,"
                    + "javax.transaction.xa;version=\"1.1\",javax.transaction.xa;version=\"1.2\",javax.transaction.xa;version=\"1.3\"";

    private final Path cache;
    private final Framework framework;
    private final RuntimeBundles connector;
    private final ConfigurationAdmins configurations;
    private final Map<Integer, Bundle> bundles = new LinkedHashMap<>();
    /** How often each jar has been installed. */
    private final Map<Path, Integer> installed = new HashMap<>();

    private final Map<Integer, String> failures = new HashMap<>();

    private HandlerFramework(Path cache) {
        this.cache = cache;
        connector = new RuntimeBundles();
        framework = new FrameworkFactory().newFramework(configuration(cache), connector);
        configurations = new ConfigurationAdmins(framework, connector);
    }

    /**
     * Starts the framework, and in it all bundles of a generation that can be started.
     *
     * @throws IOException if the cache directory cannot be made or the manifest of SCR not be read
     * @throws BundleException if the framework itself or SCR does not start
     */
    public static HandlerFramework start(GenerationFile generation) throws IOException, BundleException {
        Path cache = Files.createTempDirectory("handoff-bundles");
        HandlerFramework started = new HandlerFramework(cache);
        try {
            started.framework.start();
            started.meetCondition();
            started.offerBeans();
            started.forgetBundleIds();
            started.indexListeners();
            started.startComponents();
            // From now on SCR logs too: before, at each start, only that it starts.
            OsgiLogService.register(started.context());
            generation.bundles().forEach(started::install);
            started.configure(generation);
            // All at once: for each resolution the framework goes through all bundles.
            started.framework.adapt(FrameworkWiring.class).resolveBundles(started.bundles.values());
            started.configurations.start();
            StartOrder.of(started.bundles).forEach(started::start);
            started.configurations.awaitUpdates();
        } catch (IOException | BundleException | RuntimeException e) {
            started.close();
            throw e;
        }
        return started;
    }

    private static Map<String, String> configuration(Path cache) {
        Map<String, String> configuration = new HashMap<>();
        configuration.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        configuration.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        // With Connect that stands for OSGi's own packages.
        configuration.put(Constants.FRAMEWORK_SYSTEMPACKAGES, "");
        configuration.put(
                Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                String.join(",", JdkPackages.exported(), Provided.packages(), EXPORTED_TRANSACTIONS));
        configuration.put(Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA, ConfigurationAdmins.CAPABILITY);
        configuration.put(ConfigurationAdmins.STORE_PROPERTY, ConfigurationAdmins.STORE);
        // Classes come by import only, so that a bundle behaves here as in Karaf and never sees the runtime's own
        // libraries. The exceptions: the JVM of JDK 17 defines accessors for reflection in the caller's class space;
        // and
        // an interface of transactions has a copy of the JDK's package.
        configuration.put(Constants.FRAMEWORK_BOOTDELEGATION, "jdk.internal.reflect,sun.reflect," + TRANSACTIONS);
        configuration.put("felix.bootdelegation.implicit", "false");
        // Karaf has already decided which bundles of one name there are; the framework would compare each installed
        // bundle with all others.
        configuration.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        // Does not use the JVM's one factory for URL protocols: JDK 25 closes the way to it.
        configuration.put("felix.service.urlhandlers", "false");
        // Of Karaf's pax-logging-api, which comes along for its rarer APIs: it would print all that is of level DEBUG.
        configuration.put("org.ops4j.pax.logging.DefaultServiceLog.level", "INFO");
        return configuration;
    }

    public BundleContext context() {
        return framework.getBundleContext();
    }

    /** The bundle of this number in the generation file; empty if it could not be installed. */
    public Optional<Bundle> bundle(int number) {
        return Optional.ofNullable(bundles.get(number));
    }

    /** The reason why the bundle of this number is not running; empty if it is. */
    public Optional<String> failure(int number) {
        return Optional.ofNullable(failures.get(number));
    }

    /** The reason why a bundle is not running; empty if it is, or does not belong to the generation. */
    Optional<String> failure(Bundle bundle) {
        return bundles.entrySet().stream()
                .filter(entry -> entry.getValue().equals(bundle))
                .findAny()
                .flatMap(entry -> failure(entry.getKey()));
    }

    /** Satisfies the condition for handlers' components, which Karaf does not. */
    private void meetCondition() {
        context()
                .registerService(
                        Condition.class,
                        Condition.INSTANCE,
                        FrameworkUtil.asDictionary(Map.of(Condition.CONDITION_ID, HandoffContext.CONDITION)));
    }

    /** Offers this process's MBeans, as Karaf does its own; they are made at the first use, which takes time. */
    private void offerBeans() {
        context().registerService(MBeanServer.class, new BeansOfThisProcess(), null);
    }

    private static final class BeansOfThisProcess implements ServiceFactory<MBeanServer> {

        @Override
        public MBeanServer getService(Bundle bundle, ServiceRegistration<MBeanServer> registration) {
            return ManagementFactory.getPlatformMBeanServer();
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<MBeanServer> registration, MBeanServer service) {
            // The server is the process's, and there is only one.
        }
    }

    /** For each bundle Felix 7.0.5 overwrites the file with the next one's id, and waits for the disk each time. */
    private void forgetBundleIds() throws IOException {
        Path ids = cache.resolve("bundle0").resolve("bundle.id");
        Files.deleteIfExists(ids);
        // The storage is for this start only, and is not read.
        Files.createSymbolicLink(ids, Path.of("/dev/null"));
    }

    // ListenerIndex says why this uses the older hook.
    @SuppressWarnings("deprecation")
    private void indexListeners() {
        context()
                .registerService(
                        new String[] {ListenerHook.class.getName(), EventHook.class.getName()},
                        new ListenerIndex(),
                        null);
    }

    private void startComponents() throws IOException, BundleException {
        connector.installScr(context()).start();
    }

    private void install(int number, Path jar) {
        try {
            // By reference: the framework reads the jar in its place instead of copying it for each worker.
            bundles.put(number, context().installBundle("reference:" + location(jar)));
        } catch (BundleException e) {
            fail(number, "the bundle " + jar + " cannot be installed: " + text(e));
        }
    }

    /** The place of a jar; written in another way each time, because each bundle has its own location. */
    private String location(Path jar) {
        String uri = jar.toUri().toString();
        int before = installed.merge(jar, 1, Integer::sum) - 1;
        if (before == 0) {
            return uri;
        }
        int name = uri.lastIndexOf('/') + 1;
        return uri.substring(0, name) + "./".repeat(before) + uri.substring(name);
    }

    /** Keeps groups of bundles apart, and provides Configuration Admin where bundles may ask for it. */
    private void configure(GenerationFile generation) throws IOException, BundleException {
        BundleGroups groups = new BundleGroups(bundles, generation.groups());
        if (generation.groups().stream()
                .allMatch(group -> group.configurations().isEmpty())) {
            if (!generation.configurations().isEmpty()
                    || bundles.values().stream().anyMatch(ConfigurationAdmins::mayAsk)) {
                configurations.install(generation.configurations().values());
            }
        } else {
            for (int i = 0; i < generation.groups().size(); i++) {
                List<Path> its = generation.groups().get(i).configurations().stream()
                        .map(generation.configurations()::get)
                        .toList();
                groups.add(configurations.install(its), i);
            }
        }
        if (!generation.groups().isEmpty()) {
            separate(groups);
        }
    }

    // BundleGroups says why it is the older hook.
    @SuppressWarnings("deprecation")
    private void separate(BundleGroups groups) {
        context()
                .registerService(
                        new String[] {
                            FindHook.class.getName(), EventHook.class.getName(), ResolverHookFactory.class.getName()
                        },
                        groups,
                        null);
    }

    private void start(int number, Bundle bundle) {
        if ((bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0) {
            return;
        }
        try {
            bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            if (e.getType() == BundleException.RESOLVE_ERROR) {
                fail(
                        number,
                        "the bundle " + name(bundle) + " does not resolve: "
                                + ResolveFailure.describe(String.valueOf(e.getMessage())));
            } else {
                LOG.error("The bundle {} does not start", name(bundle), e);
                fail(number, "the bundle " + name(bundle) + " does not start: " + text(e));
            }
        }
    }

    private void fail(int number, String reason) {
        LOG.error("Bundle {} of the generation: {}", number, reason);
        failures.put(number, reason);
    }

    private static String name(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }

    /** The message of the first cause; the framework's own only says that the activator failed. */
    private static String text(BundleException e) {
        return e.getCause() == null ? e.getMessage() : e.getCause().toString();
    }

    /** Stops all bundles and deletes the cache. */
    @Override
    public void close() {
        try {
            framework.stop();
            framework.waitForStop(0);
        } catch (BundleException e) {
            LOG.warn("The framework did not stop as it should", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Directories.delete(cache);
    }
}
