package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ManagedService;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * Which configurations bundles use: those with the PIDs of their components, of their managed services and of their
 * managed service factories. All others stay in Karaf, with the secrets that they may have.
 */
public final class UsedConfigurations {

    private static final String IGNORED = "ignore";
    /** Any location, or those of some permission. */
    private static final String MULTI_LOCATION = "?";

    private final ConfigurationAdmin configurations;
    /** All PIDs used so far. */
    private final Set<String> pids = ConcurrentHashMap.newKeySet();
    /** The PIDs of factories that make a service of each configuration, as far as they have made one so far. */
    private final Set<String> makers = new HashSet<>();
    /** Whether others may matter too: those that match a filter. */
    private volatile boolean matters;
    /** Whether a look is going on: which PIDs are used is only known at its end. */
    private volatile boolean looking;

    public UsedConfigurations(Framework framework) {
        configurations = framework.configurations();
    }

    /**
     * Whether an event is about a configuration that inspected bundles have used, or would use, or may be found to use by
     * a look that does not see the change any more. On any thread.
     */
    public boolean isUsed(ConfigurationEvent event) {
        // In this order: a look tells of its end after all else.
        return looking
                || matters
                || pids.contains(untargeted(event.getFactoryPid() == null ? event.getPid() : event.getFactoryPid()));
    }

    /**
     * The configurations now; one object for a look at all bundles, of which there is one at a time. A look that fails
     * does not end: any change may be a reason for the next.
     */
    Moment now() throws IOException {
        looking = true;
        try {
            Configuration[] all = configurations.listConfigurations(null);
            return new Moment(all == null ? List.of() : List.of(all));
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a valid one", e);
        }
    }

    /** The configurations at one moment. The look at all bundles ends with {@link #close}. */
    final class Moment implements AutoCloseable {

        private final List<Configuration> all;

        private Moment(List<Configuration> all) {
            this.all = all;
        }

        /**
         * The values of those that a bundle uses, by PID, as its components get them. Of a factory that makes a service
         * of each configuration, only those of the services that are needed: others may be of other applications. And
         * none of any factory if no service of the bundle is needed: the factory may not have made its first one yet.
         * But a handler's own bundle has all where no reference needs one of the services, as its code may find them.
         *
         * @param services those of the bundle's services that are needed
         * @param isHandlers whether it is the bundle of the handler itself
         */
        Map<String, Map<String, Object>> of(
                Bundle bundle,
                List<ComponentDescriptionDTO> components,
                Collection<ServiceReference<?>> services,
                boolean isHandlers) {
            Set<String> its = pids(bundle, components);
            pids.addAll(its);
            makers.addAll(properties(registered(bundle), ConfigurationAdmin.SERVICE_FACTORYPID));
            Set<String> factories = isHandlers ? properties(services, ConfigurationAdmin.SERVICE_FACTORYPID) : makers;
            Set<String> instances = properties(services, Constants.SERVICE_PID);
            boolean hasOthers = isHandlers || !services.isEmpty();
            Map<String, Map<String, Object>> used = new TreeMap<>();
            for (Configuration one : all) {
                String factory = one.getFactoryPid();
                String pid = factory == null ? one.getPid() : factory;
                if (its.contains(untargeted(pid))
                        && isFor(pid, bundle)
                        && isAt(one.getBundleLocation(), bundle)
                        && (instances.contains(one.getPid())
                                || factory == null
                                || hasOthers && !factories.contains(factory))) {
                    Map<String, Object> values = values(one, bundle);
                    values.put(
                            factory == null ? Constants.SERVICE_PID : ConfigurationAdmin.SERVICE_FACTORYPID,
                            unlocated(pid));
                    String known = factory == null ? unlocated(pid) : one.getPid();
                    if (known.equals(one.getPid())) {
                        used.putIfAbsent(known, values);
                    } else {
                        // It goes before one that names the same bundle without its location.
                        used.put(known, values);
                    }
                }
            }
            return used;
        }

        /** The values of those that match a filter, by PID. */
        Map<String, Map<String, Object>> matching(Filter filter) {
            matters = true;
            Map<String, Map<String, Object>> matching = new TreeMap<>();
            for (Configuration one : all) {
                if (filter.match(one.getProperties())) {
                    matching.put(one.getPid(), values(one, null));
                }
            }
            return matching;
        }

        @Override
        public void close() {
            looking = false;
        }
    }

    private static Set<String> pids(Bundle bundle, List<ComponentDescriptionDTO> components) {
        Set<String> pids = new HashSet<>();
        for (ComponentDescriptionDTO component : components) {
            if (!IGNORED.equals(component.configurationPolicy)) {
                pids.addAll(Arrays.asList(component.configurationPid));
            }
        }
        managed(bundle).forEach(service -> pids.addAll(strings(service.getProperty(Constants.SERVICE_PID))));
        return pids;
    }

    /** The managed services of a bundle. */
    private static Stream<ServiceReference<?>> managed(Bundle bundle) {
        return registered(bundle).stream()
                .filter(service -> List.of((String[]) service.getProperty(Constants.OBJECTCLASS)).stream()
                        .anyMatch(type -> type.equals(ManagedService.class.getName())
                                || type.equals(ManagedServiceFactory.class.getName())));
    }

    private static List<ServiceReference<?>> registered(Bundle bundle) {
        ServiceReference<?>[] services = bundle.getRegisteredServices();
        return services == null ? List.of() : List.of(services);
    }

    private static Set<String> properties(Collection<ServiceReference<?>> services, String key) {
        Set<String> values = new HashSet<>();
        services.forEach(service -> values.addAll(strings(service.getProperty(key))));
        return values;
    }

    private static Collection<String> strings(Object value) {
        if (value instanceof String[] several) {
            return List.of(several);
        }
        if (value instanceof Collection<?> several) {
            return several.stream().map(String::valueOf).toList();
        }
        return value == null ? List.of() : List.of(value.toString());
    }

    /** A PID may target a bundle: PID|symbolic name|version|location. */
    private static String untargeted(String pid) {
        return pid.split("\\|", 2)[0];
    }

    /** A PID without the location of the bundle, which is another in a worker. */
    private static String unlocated(String pid) {
        String[] targeted = pid.split("\\|", 4);
        return targeted.length < 4 ? pid : String.join("|", List.of(targeted).subList(0, 3));
    }

    private static boolean isFor(String pid, Bundle bundle) {
        String[] targeted = pid.split("\\|", 4);
        return (targeted.length < 2 || targeted[1].equals(bundle.getSymbolicName()))
                && (targeted.length < 3
                        || targeted[2].equals(bundle.getVersion().toString()))
                && (targeted.length < 4 || targeted[3].equals(bundle.getLocation()));
    }

    /** @param location the one that a configuration is bound to; null for none */
    private static boolean isAt(String location, Bundle bundle) {
        return location == null || location.startsWith(MULTI_LOCATION) || location.equals(bundle.getLocation());
    }

    /**
     * The values after the work of Karaf's configuration plugins, which put in secrets and variables of Karaf's
     * environment.
     *
     * @param bundle whose components they are for; null for any
     */
    private static Map<String, Object> values(Configuration one, Bundle bundle) {
        ServiceReference<?> receiver =
                bundle == null ? null : managed(bundle).findFirst().orElse(null);
        Dictionary<String, Object> properties = one.getProcessedProperties(receiver);
        Map<String, Object> values = new TreeMap<>();
        for (String key : Collections.list(properties.keys())) {
            values.put(key, properties.get(key));
        }
        values.remove(ConfigurationAdmin.SERVICE_BUNDLELOCATION);
        return values;
    }
}
