package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.http.config.KnownKeys;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.monitor.api.Monitor;
import org.handoff.worker.pool.internal.config.PoolConfig;
import org.handoff.worker.pool.internal.config.PoolKind;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.launch.Rights;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.handoff.worker.pool.internal.supervision.PoolWorker;
import org.handoff.worker.pool.internal.supervision.ResidentMemory;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool of workers, for each configuration {@code org.handoff.pool-<name>}: assembles its parts. */
@Component(
        service = PoolComponent.class,
        configurationPid = PoolComponent.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true)
@Designate(ocd = PoolConfig.class, factory = true)
public final class PoolComponent {

    static final String PID = "org.handoff.pool";

    private static final Logger LOG = LoggerFactory.getLogger(PoolComponent.class);

    private static final KnownKeys KEYS = new KnownKeys(
            PoolConfig.class,
            Stream.of(HttpLimits.KEYS, HandlerOptions.KEYS, Set.of("environment.NAME", "property.NAME"))
                    .flatMap(Set::stream)
                    .toList());

    /** How long a new generation may take beside the start of its first worker. */
    private static final int ROLL_SECONDS = 60;

    private final String name;
    private final String pid;
    private final Framework framework;
    private final MonitorLoop loop;
    private volatile PoolRuntime runtime;
    /** The settings of {@link #runtime}; null if the configuration is impossible. */
    private volatile PoolSettings settings;
    /** The configuration of {@link #settings}. */
    private volatile PoolConfig config;
    /** The fault of a changed configuration, which the pool does not use then; empty for none. */
    private volatile String refused = "";
    /** The unknown keys of the configuration; empty for none. */
    private volatile String unknownKeys = "";

    /** A worker for {@code worker:list}; memory in bytes, or -1 if it has just gone. */
    public record WorkerStatus(
            String id,
            String pool,
            long pid,
            String state,
            long requests,
            int connections,
            long memory,
            long ageSeconds) {}

    /**
     * A pool at one moment.
     *
     * @param wanted the wanted number of workers; while it is being changed, there are more or fewer
     * @param problem its problem; empty for none
     */
    public record PoolStatus(String name, int wanted, int waiting, String problem, List<WorkerStatus> workers) {}

    /** Starts the pool; if its configuration is impossible, it has no workers, and shows the reason. */
    @Activate
    public PoolComponent(
            BundleContext context,
            @Reference Monitor monitor,
            @Reference ServiceComponentRuntime components,
            @Reference ConfigurationAdmin configurations,
            PoolConfig config,
            Map<String, Object> properties) {
        this.name = name(properties);
        this.pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        this.framework = new Framework(context, components, configurations);
        this.loop = new MonitorLoop(name, monitor.loop());
        unknownKeys = KEYS.warn(LOG, "Pool " + name, file(), properties);
        make(config, properties);
    }

    private void make(PoolConfig wantedConfig, Map<String, Object> properties) {
        try {
            PoolSettings wanted = checked(wantedConfig, properties);
            runtime = switch (wanted.kind()) {
                case JAVA -> new HandlerPoolRuntime(framework, loop, wanted);
                case NATIVE -> new NativePoolRuntime(framework, loop, wanted);
                case LRWP, CGI -> new PeerPoolRuntime(framework, loop, wanted);
            };
            settings = wanted;
            config = wantedConfig;
        } catch (IOException | RuntimeException e) {
            settings = null;
            String problem = problem(e);
            LOG.error("Pool {} is not made: {}", name, problem);
            runtime = new UnmadePoolRuntime(framework, name, wantedConfig, problem);
        }
    }

    /** @throws IllegalArgumentException if it is not possible, or not on this machine */
    private PoolSettings checked(PoolConfig wanted, Map<String, Object> properties) {
        PoolSettings possible = PoolSettings.of(name, wanted, properties);
        List<Path> reached = switch (possible.kind()) {
            case LRWP -> List.of();
            case NATIVE -> List.of(framework.folder());
            case JAVA, CGI -> List.of(framework.folder(), possible.workers().java());
        };
        Rights.check(name, possible.workers().runAs(), reached);
        return possible;
    }

    private String problem(Exception e) {
        return e instanceof IllegalArgumentException ? file() + " has " + e.getMessage() : e.toString();
    }

    private String file() {
        return "etc/" + PID + "-" + name + ".cfg";
    }

    /** Takes a changed configuration, without loss: if it concerns workers, new ones replace them. */
    @Modified
    void configure(PoolConfig changed, Map<String, Object> properties) {
        unknownKeys = KEYS.warn(LOG, "Pool " + name, file(), properties);
        PoolSettings former = settings;
        try {
            PoolSettings next = former == null ? null : checked(changed, properties);
            refused = "";
            if (next != null && next.kind() == former.kind()) {
                runtime.configure(next);
                settings = next;
                config = changed;
                return;
            }
        } catch (RuntimeException e) {
            refused = "as it was before its file changed: " + problem(e);
            LOG.error("Nothing changed in pool {}; {}", name, problem(e));
            return;
        }
        runtime.stop();
        make(changed, properties);
    }

    /** Withdraws the contexts and abandons the workers, which finish their requests and exit. */
    @Deactivate
    void stop() {
        runtime.stop();
    }

    /** The pool's workers, now. */
    public List<WorkerStatus> workers() {
        return status().workers();
    }

    /** The pool and its workers, now. */
    public PoolStatus status() {
        PoolControl<?> pool = runtime.control();
        return loop.call(() -> new PoolStatus(
                name,
                pool.size(),
                pool.waiting(),
                problem(pool),
                pool.workers().stream()
                        .map(worker -> new WorkerStatus(
                                worker.id(),
                                name,
                                worker.pid(),
                                worker.shownState(),
                                worker.requests(),
                                worker.connections(),
                                ResidentMemory.of(worker.pid()),
                                TimeUnit.NANOSECONDS.toSeconds(worker.ageNanos())))
                        .toList()));
    }

    private String problem(PoolControl<?> pool) {
        return Stream.of(refused, pool.problem(), runtime.missing(), unknownKeys)
                .filter(one -> !one.isEmpty())
                .collect(Collectors.joining("; "));
    }

    /** Full reports about the workers, the latest ended ones included: the oldest first. */
    public List<WorkerReport> reports() {
        PoolControl<?> pool = runtime.control();
        return loop.call(() -> Stream.concat(
                        pool.past().stream(), pool.workers().stream().map(worker -> worker.report(name, "")))
                .toList());
    }

    /**
     * Sets the number of workers, in the configuration and so beyond the next start of Karaf. Returns when the
     * configuration is written; workers come and go afterwards.
     *
     * @throws IllegalArgumentException if the pool must not have this number
     * @throws IOException if the configuration cannot be written
     */
    public void scale(int workers) throws IOException {
        if (workers < 0) {
            throw new IllegalArgumentException("workers = " + workers + ": too small; write 0 or more");
        }
        if (settings == null || !refused.isEmpty()) {
            throw new IllegalArgumentException("pool " + name + " is " + status().problem());
        }
        PoolPolicy.checkWorkers(workers, config.min_workers(), config.max_workers());
        Configuration configuration = framework.configurations().getConfiguration(pid, null);
        Dictionary<String, Object> properties = configuration.getProperties();
        // As text, as in a file of etc/.
        properties.put("workers", Integer.toString(workers));
        configuration.update(properties);
    }

    /** The questions that take a worker time to answer. */
    public WorkerQuestions questions() {
        return new WorkerQuestions(name, loop, runtime.control());
    }

    /**
     * Replaces all workers by a new generation, and waits until that serves.
     *
     * @return the generation that serves, for people
     * @throws IllegalArgumentException if the workers have no generations, or the new one does not serve; the former
     *        one goes on then
     */
    public String roll() {
        PoolSettings now = settings;
        CompletableFuture<String> rolled = runtime.roll();
        // An attempt is given up within twice its time: the plan before it may have to copy bundles.
        int most = ROLL_SECONDS + 2 * now.policy().startSeconds();
        try {
            return rolled.get(most, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalArgumentException(
                    "pool " + name + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IllegalArgumentException("pool " + name + ": nothing serves after " + most + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted while pool " + name + " rolls", e);
        }
    }

    /** How long a context whose bundle has gone is still served, in seconds; empty if the pool serves no handlers. */
    public OptionalInt settleSeconds() {
        PoolSettings now = settings;
        return now != null && now.kind() == PoolKind.JAVA
                ? OptionalInt.of(now.policy().settleSeconds())
                : OptionalInt.empty();
    }

    static <M extends PoolWorker> M find(PoolControl<M> pool, String id) {
        return pool.workers().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("worker " + id + " is gone"));
    }

    /** The pool's name. */
    public String name() {
        return name;
    }

    /** The actions on a worker. */
    public enum Action {

        /** Takes it out of service. */
        OFF,
        /** Puts it back into service. */
        ON,
        /** Replaces it by a new one, and then lets it finish. */
        RECYCLE,
        /** Ends its process at once. */
        KILL
    }

    /**
     * Runs an action on a worker. It is done when the method returns, unless it takes the worker time.
     *
     * @throws IllegalArgumentException if the worker is gone, or its state does not allow it
     */
    public void act(String id, Action action) {
        loop.call(() -> {
            act(runtime.control(), id, action);
            return null;
        });
    }

    private static <M extends PoolWorker> void act(PoolControl<M> pool, String id, Action action) {
        M worker = find(pool, id);
        boolean done = switch (action) {
            case OFF -> worker.off();
            case ON -> worker.on();
            case RECYCLE -> pool.recycle(worker);
            case KILL -> {
                worker.killByCommand();
                yield true;
            }
        };
        if (!done) {
            throw new IllegalArgumentException("worker:" + action.name().toLowerCase(Locale.ROOT)
                    + " is not possible now for worker " + worker.describe());
        }
    }

    /** A file org.handoff.pool-NAME.cfg gives the PID org.handoff.pool~NAME. */
    private static String name(Map<String, Object> properties) {
        String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        return pid.startsWith(PID) && pid.length() > PID.length() ? pid.substring(PID.length() + 1) : pid;
    }
}
