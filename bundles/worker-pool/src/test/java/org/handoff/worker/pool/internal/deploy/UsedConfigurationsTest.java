package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.testkit.Fake;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ManagedService;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Which configurations go to workers with a bundle. */
class UsedConfigurationsTest {

    private final List<Configuration> configurations = new ArrayList<>();
    private final List<ServiceReference<?>> services = new ArrayList<>();
    private final List<ComponentDescriptionDTO> components = new ArrayList<>();
    private final UsedConfigurations used = new UsedConfigurations(new Framework(
            null,
            null,
            Fake.of(ConfigurationAdmin.class, (method, arguments) -> configurations.toArray(Configuration[]::new))));
    private final Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
        case "getSymbolicName" -> "my.bundle";
        case "getVersion" -> new Version(1, 2, 3);
        case "getLocation" -> "file:mine";
        case "getRegisteredServices" -> services.isEmpty() ? null : services.toArray(ServiceReference<?>[]::new);
        default -> throw new UnsupportedOperationException(method);
    });

    private Set<String> found() throws Exception {
        return found(List.of(), true);
    }

    private Set<String> found(List<ServiceReference<?>> needed, boolean isHandlers) throws Exception {
        return used.now().of(bundle, components, needed, isHandlers).keySet();
    }

    @Test
    void thoseOfComponentsGoAndNoOthers() throws Exception {
        component("optional", "a", "b");
        component("ignore", "ignored");
        configured("a", null, null);
        configured("b~one", "b", null);
        configured("b.c", null, null);
        configured("ignored", null, null);
        configured("secret", null, null);
        assertEquals(Set.of("a", "b~one"), found());
        assertEquals(
                Map.of("service.pid", "a", "value", "processed a"),
                used.now().of(bundle, components, List.of(), true).get("a"));
    }

    @Test
    void thoseOfManagedServicesGo() throws Exception {
        service(ManagedService.class, "a");
        service(ManagedServiceFactory.class, new String[] {"b", "c"});
        service(ManagedService.class, List.of("d"));
        service(ManagedService.class, null);
        service(Runnable.class, "e");
        for (String pid : List.of("a", "d", "e")) {
            configured(pid, null, null);
        }
        configured("c-1", "c", null);
        assertEquals(Set.of("a", "c-1", "d"), found());
    }

    @Test
    void thoseOfOtherBundlesStay() throws Exception {
        component("require", "a");
        configured("a", null, "file:other");
        configured("a|other", null, null);
        configured("a|my.bundle|1.2.4", null, null);
        configured("a|my.bundle|1.2.3|file:other", null, null);
        assertEquals(Set.of(), found());
        configured("a|my.bundle", null, "?");
        configured("a|my.bundle|1.2.3", null, "file:mine");
        assertEquals(Set.of("a|my.bundle", "a|my.bundle|1.2.3"), found());
    }

    @Test
    void locationsInPidsStayInKaraf() throws Exception {
        component("require", "a", "b");
        configured("a|my.bundle|1.2.3|file:mine", null, null);
        configured("a|my.bundle|1.2.3", null, null);
        configured("a~1", "a|my.bundle|1.2.3|file:mine", null);
        configured("b|my.bundle|1.2.3", null, null);
        configured("b|my.bundle|1.2.3|file:mine", null, null);
        Map<String, Map<String, Object>> found = used.now().of(bundle, components, List.of(), true);
        assertEquals(
                Map.of("service.pid", "a|my.bundle|1.2.3", "value", "processed a|my.bundle|1.2.3|file:mine"),
                found.get("a|my.bundle|1.2.3"));
        assertEquals(
                Map.of("service.pid", "b|my.bundle|1.2.3", "value", "processed b|my.bundle|1.2.3|file:mine"),
                found.get("b|my.bundle|1.2.3"));
        assertEquals("a|my.bundle|1.2.3", found.get("a~1").get("service.factoryPid"));
        assertEquals(Set.of("a|my.bundle|1.2.3", "a~1", "b|my.bundle|1.2.3"), found.keySet());
    }

    @Test
    void ofAFactoryThatMakesServicesThoseOfOtherServicesStay() throws Exception {
        service(ManagedServiceFactory.class, "sources");
        component("optional", "other");
        configured("sources~mine", "sources", null);
        configured("sources~theirs", "sources", null);
        configured("other~a", "other", null);
        ServiceReference<?> mine = made("sources~mine");
        assertEquals(Set.of("other~a", "sources~mine"), found(List.of(mine), true));
        assertEquals(Set.of("other~a", "sources~mine", "sources~theirs"), found(List.of(), true));
    }

    @Test
    void ofFactoriesOfAnotherBundleNoneGoWhereNoServiceIsNeeded() throws Exception {
        service(ManagedServiceFactory.class, "sources");
        component("optional", "other", "single");
        configured("sources~theirs", "sources", null);
        configured("other~a", "other", null);
        configured("single", null, null);
        assertEquals(Set.of("single"), found(List.of(), false), "it has not made a service yet");
        services.add(made("sources~theirs"));
        assertEquals(Set.of("single"), found(List.of(), false));
        List<ServiceReference<?>> another = List.of(services.get(0));
        assertEquals(Set.of("other~a", "single"), found(another, false));
        services.remove(1);
        assertEquals(Set.of("other~a", "single"), found(another, false), "its service is away for a moment");
    }

    @Test
    void filterNamesOthers() throws Exception {
        configured("a", null, "file:other");
        configured("b", null, null);
        assertEquals(
                Set.of("a"),
                used.now()
                        .matching(FrameworkUtil.createFilter("(service.pid=a)"))
                        .keySet());
    }

    @Test
    void eventsOfTheirPidsMatter() throws Exception {
        component("optional", "a");
        assertFalse(used.isUsed(event(null, "a")));
        try (UsedConfigurations.Moment now = used.now()) {
            now.of(bundle, components, List.of(), true);
        }
        assertTrue(used.isUsed(event(null, "a")));
        assertTrue(used.isUsed(event("a", "a~1")));
        assertTrue(used.isUsed(event(null, "a|my.bundle")));
        assertFalse(used.isUsed(event(null, "b")));
    }

    @Test
    void eventsMatterThatComeBetweenTheListingAndTheFirstLookAtABundle() throws Exception {
        component("optional", "a");
        try (UsedConfigurations.Moment now = used.now()) {
            assertTrue(used.isUsed(event(null, "a")), "the listing does not have it, and the look does not wait");
            assertEquals(Set.of(), now.of(bundle, components, List.of(), true).keySet());
        }
        assertTrue(used.isUsed(event(null, "a")));
        assertFalse(used.isUsed(event(null, "b")));
    }

    private void component(String policy, String... pids) {
        ComponentDescriptionDTO component = new ComponentDescriptionDTO();
        component.configurationPolicy = policy;
        component.configurationPid = pids;
        components.add(component);
    }

    private void service(Class<?> type, Object pid) {
        services.add(Fake.of(
                ServiceReference.class,
                (method, arguments) ->
                        arguments[0].equals(Constants.OBJECTCLASS) ? new String[] {"x", type.getName()} : pid));
    }

    /** A service that a factory of the PID "sources" has made. */
    private static ServiceReference<?> made(String pid) {
        return Fake.of(ServiceReference.class, (method, arguments) -> switch ((String) arguments[0]) {
            case Constants.SERVICE_PID -> pid;
            case ConfigurationAdmin.SERVICE_FACTORYPID -> "sources";
            case Constants.OBJECTCLASS -> new String[] {"javax.sql.DataSource"};
            default -> null;
        });
    }

    private void configured(String pid, String factory, String location) {
        configurations.add(Fake.of(Configuration.class, (method, arguments) -> switch (method) {
            case "getPid" -> pid;
            case "getFactoryPid" -> factory;
            case "getBundleLocation" -> location;
            case "getProperties" -> properties(pid, "raw");
            case "getProcessedProperties" -> properties(pid, "processed");
            default -> throw new UnsupportedOperationException(method);
        }));
    }

    private static Dictionary<String, Object> properties(String pid, String how) {
        return new Hashtable<>(
                Map.of("service.pid", pid, "value", how + " " + pid, ConfigurationAdmin.SERVICE_BUNDLELOCATION, "?"));
    }

    // A fake is of no type but the raw one.
    @SuppressWarnings("unchecked")
    private static ConfigurationEvent event(String factory, String pid) {
        ServiceReference<ConfigurationAdmin> source = Fake.of(ServiceReference.class, (method, arguments) -> null);
        return new ConfigurationEvent(source, ConfigurationEvent.CM_UPDATED, factory, pid);
    }
}
