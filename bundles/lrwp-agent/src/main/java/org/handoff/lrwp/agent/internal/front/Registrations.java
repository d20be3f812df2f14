package org.handoff.lrwp.agent.internal.front;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.handoff.lrwp.agent.internal.application.Application;
import org.handoff.lrwp.agent.internal.application.OtherContext;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applications as a group of targets, but for those whose context belongs to another target. For one thread at a
 * time, but for {@link #problem} and {@link #members}.
 */
final class Registrations implements TargetGroup {

    private static final Logger LOG = LoggerFactory.getLogger(Registrations.class);

    /** The name that {@code monitor:contexts} shows. */
    private static final String NAME = "lrwp";

    /** The ranking after or before all other targets with the same context. */
    private static final int AFTER_ALL = -1000;

    private static final int BEFORE_ALL = 1000;
    /** The context of extensions, which get requests that no other context matches. */
    private static final String ROOT = "/";

    private record Wanted(String context, String host, int ranking) {}

    private final BundleContext context;
    private final Target target;
    /** The registered contexts, each with the problem that it shows, or null. */
    private Map<Wanted, Application.Trouble> registered = Map.of();

    private volatile List<Member> members = List.of();
    /** Null while no context is registered. */
    private ServiceRegistration<TargetGroup> registration;

    private volatile Map<Application, String> problems = Map.of();

    Registrations(BundleContext context, Target target) {
        this.context = context;
        this.target = target;
    }

    /**
     * Registers applications that may be served, and withdraws all others.
     *
     * @param troubles the reasons why no peer serves some of them
     * @param told hears which ones are served, before {@link #problem} tells the same
     */
    void update(
            List<Application> applications,
            Map<Application, Application.Trouble> troubles,
            Collection<OtherContext> others,
            LrwpSettings settings,
            Consumer<List<Application>> told) {
        Map<Wanted, Application> wanted = new HashMap<>();
        Map<Application, String> refused = new HashMap<>();
        List<Application> served = new ArrayList<>();
        for (Application application : applications) {
            boolean first = settings.overrides(application.name());
            OtherContext owner = first ? null : owner(application, others);
            if (owner != null) {
                refused.put(application, whoServes(application, owner, applications, settings));
            } else if (application.isExtension()) {
                wanted.put(new Wanted(ROOT, "", AFTER_ALL), application);
            } else {
                wanted.put(
                        new Wanted(application.context(), application.host(), first ? BEFORE_ALL : AFTER_ALL),
                        application);
            }
            if (owner == null) {
                served.add(application);
            }
        }
        tell(refused);
        Map<Wanted, Application.Trouble> next = new HashMap<>();
        wanted.forEach((one, application) ->
                next.put(one, one.context().equals(application.context()) ? troubles.get(application) : null));
        register(next);
        told.accept(served);
        // Last, so that the shell shows the present state.
        problems = Map.copyOf(refused);
    }

    private void register(Map<Wanted, Application.Trouble> next) {
        if (next.equals(registered)) {
            return;
        }
        registered = next;
        if (next.isEmpty()) {
            registration.unregister();
            registration = null;
            return;
        }
        members = next.entrySet().stream()
                .map(one -> new Member(target, properties(one.getKey(), one.getValue())))
                .toList();
        Dictionary<String, Object> properties = new Hashtable<>(Map.of(Target.NAME, NAME));
        if (registration == null) {
            registration = context.registerService(TargetGroup.class, this, properties);
        } else {
            registration.setProperties(properties);
        }
    }

    @Override
    public List<Member> members() {
        return members;
    }

    /**
     * The target that gets the requests of a refused application: the owner, or another application that overrides the
     * owner.
     */
    private static String whoServes(
            Application refused, OtherContext owner, List<Application> applications, LrwpSettings settings) {
        return applications.stream()
                .filter(one -> settings.overrides(one.name())
                        && !one.isExtension()
                        && isFor(one, refused)
                        && one.context().length() >= owner.context().length())
                .max(Comparator.comparingInt(one -> one.context().length()))
                .map(one -> "the peers of " + one.context() + " serve it, by override")
                .orElse(owner.target() + " serves " + owner.context());
    }

    private static boolean isFor(Application one, Application inner) {
        return (one.host().isEmpty() || one.host().equals(inner.host()))
                && (one.context().equals(ROOT) || inner.context().startsWith(one.context() + "/"));
    }

    private static OtherContext owner(Application application, Collection<OtherContext> others) {
        String host = application.isExtension() ? "" : application.host();
        return others.stream()
                .filter(other -> other.isTakenBy(application.contextOrRoot(), host))
                .findFirst()
                .orElse(null);
    }

    private void tell(Map<Application, String> refused) {
        refused.forEach((application, problem) -> {
            if (!problem.equals(problems.get(application))) {
                LOG.warn(
                        "The peers of {} get no requests: {}. Add its name to override in etc/{}.cfg if they are to",
                        application.context(),
                        problem,
                        LrwpSettings.PID);
            }
        });
    }

    /** The reason why an application gets no requests; empty if it does. Any thread may call it. */
    String problem(Application application) {
        return problems.getOrDefault(application, "");
    }

    private static Map<String, Object> properties(Wanted wanted, Application.Trouble trouble) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Target.CONTEXT, wanted.context());
        properties.put(Target.HOST, wanted.host());
        properties.put(Target.NAME, NAME);
        properties.put(Constants.SERVICE_RANKING, wanted.ranking());
        if (trouble != null) {
            properties.put(Target.STATE, "failed");
            properties.put(Target.PROBLEM, trouble.problem());
            properties.put(
                    Target.RETRY,
                    System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(trouble.retryAt() - System.nanoTime()));
        }
        return properties;
    }
}
