package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.runtime.handler.HandlerFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.service.EventHook;

/** Events of services reach whoever asks for them in a worker's framework, and no further. */
class ListenerIndexTest {

    @TempDir
    Path directory;

    private HandlerFramework framework;
    private BundleContext owner;
    private BundleContext other;

    @BeforeEach
    void start() throws Exception {
        Map<Integer, Path> jars = new HashMap<>();
        jars.put(1, new TestBundle("owner").write(directory));
        jars.put(2, new TestBundle("other").write(directory));
        framework = HandlerFramework.start(new GenerationFile(1, new TreeMap<>(jars), List.of()));
        owner = context(1);
        other = context(2);
    }

    private BundleContext context(int number) {
        return framework.bundle(number).map(Bundle::getBundleContext).orElseThrow();
    }

    @AfterEach
    void stop() {
        framework.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(objectClass=java.lang.Runnable)",
                "(&(objectClass=java.lang.Runnable)(name=a))",
                "(objectClass=java.lang.Run*)",
                "(name=a)",
                "(|(objectClass=java.lang.Comparable)(name=a))",
                "(!(objectClass=java.lang.Comparable))",
                "(OBJECTCLASS=java.lang.Runnable)",
                "(&(name=a)(objectClass=java.lang.Runnable))"
            })
    void tellsAListenerWhatItsFilterAsksFor(String filter) throws Exception {
        List<String> told = listen(other, filter);
        register("a").unregister();
        assertEquals(
                List.of(String.valueOf(ServiceEvent.REGISTERED), String.valueOf(ServiceEvent.UNREGISTERING)), told);
    }

    @Test
    void tellsAListenerWithoutAFilterOfAll() throws Exception {
        List<String> told = listen(other, null);
        register("a");
        assertEquals(List.of(String.valueOf(ServiceEvent.REGISTERED)), told);
    }

    @Test
    void tellsWhenAServiceMatchesNoLonger() throws Exception {
        List<String> told = listen(other, "(&(objectClass=java.lang.Runnable)(name=a))");
        ServiceRegistration<Runnable> service = register("a");
        service.setProperties(properties("b"));
        assertEquals(
                List.of(String.valueOf(ServiceEvent.REGISTERED), String.valueOf(ServiceEvent.MODIFIED_ENDMATCH)), told);
    }

    @Test
    void forgetsListenersThatAreRemoved() throws Exception {
        List<String> first = new ArrayList<>();
        ServiceListener one = event -> first.add("one");
        ServiceListener two = event -> first.add("two");
        other.addServiceListener(one, "(objectClass=java.lang.Runnable)");
        other.addServiceListener(two, "(objectClass=java.lang.Runnable)");
        other.removeServiceListener(one);
        register("a");
        other.removeServiceListener(two);
        assertEquals(List.of("two"), first);
        // The framework asks nobody who has no listener at all.
        listen(other, "(objectClass=java.lang.Comparable)");
        assertEquals(List.of(), asked("b"));
    }

    @Test
    void keepsEventsFromThoseWhoAskForOtherServices() throws Exception {
        listen(other, "(objectClass=java.lang.Comparable)");
        assertEquals(List.of(), asked("a"));
        listen(other, "(objectClass=java.lang.Runnable)");
        assertEquals(List.of(other), asked("b"));
    }

    /** Which of the two bundles the framework would still ask about an event, behind the index. */
    @SuppressWarnings("deprecation")
    private List<BundleContext> asked(String name) {
        List<BundleContext> asked = new ArrayList<>();
        EventHook behind = (event, contexts) -> asked.addAll(contexts);
        Dictionary<String, Object> last = new Hashtable<>(Map.of("service.ranking", -1));
        ServiceRegistration<EventHook> hook = framework.context().registerService(EventHook.class, behind, last);
        asked.clear();
        register(name);
        hook.unregister();
        asked.retainAll(List.of(owner, other));
        return asked;
    }

    private ServiceRegistration<Runnable> register(String name) {
        return owner.registerService(Runnable.class, () -> {}, properties(name));
    }

    private static Dictionary<String, Object> properties(String name) {
        return new Hashtable<>(Map.of("name", name));
    }

    /** @return the types of events that are told */
    private static List<String> listen(BundleContext context, String filter) throws Exception {
        List<String> told = new ArrayList<>();
        context.addServiceListener(event -> told.add(String.valueOf(event.getType())), filter);
        return told;
    }
}
