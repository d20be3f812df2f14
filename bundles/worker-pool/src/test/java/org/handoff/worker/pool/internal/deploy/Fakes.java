package org.handoff.worker.pool.internal.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.handoff.testkit.Fake;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;

/** As much of a framework as handlers' declarations and contexts' services need. */
public final class Fakes {

    /** The members of all registered groups, in the order in which they came. */
    public final List<Member> members = new ArrayList<>();

    /** What happened, in order: {@code +context} for a member that came, {@code -context} for one that went. */
    final List<String> events = new ArrayList<>();

    /** How many groups of targets are registered, and how often one was registered, changed or unregistered. */
    int groups;

    int calls;

    /** A member of a registered group, as long as it has its context there. */
    public static final class Member {

        public final Target target;
        public Map<String, Object> properties;

        private Member(Target target, Map<String, Object> properties) {
            this.target = target;
            this.properties = properties;
        }

        private boolean is(TargetGroup.Member one) {
            return target == one.target()
                    && properties.get(Target.CONTEXT).equals(one.properties().get(Target.CONTEXT));
        }
    }

    /** The handlers that {@link #bundle} has registered by its own code: their properties. */
    public final List<Map<String, Object>> handlers = new ArrayList<>();

    private static final Bundle HANDLERS = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
        case "getBundleId" -> 42L;
        case "getVersion" -> new Version(1, 2, 3);
        case "getSymbolicName" -> "my.bundle";
        case "getState" -> Bundle.ACTIVE;
        case "getLastModified" -> 1L;
        case "getHeaders" -> new Hashtable<String, String>();
        case "getEntryPaths" -> null;
        default -> throw new UnsupportedOperationException(method);
    });

    public BundleContext context() {
        return context(null);
    }

    /** @param data the bundle's data folder */
    public BundleContext context(Path data) {
        return Fake.of(BundleContext.class, (method, arguments) -> switch (method) {
            case "registerService" -> {
                if (!(arguments[1] instanceof TargetGroup group)) {
                    yield Fake.of(ServiceRegistration.class, (unregister, none) -> null);
                }
                groups++;
                List<Member> shown = new ArrayList<>();
                show(group.members(), shown);
                yield registration(group, shown);
            }
            case "getBundle" -> own();
            case "getBundles" -> new Bundle[] {HANDLERS};
            case "getDataFile" -> data.resolve((String) arguments[0]).toFile();
            case "getAllServiceReferences" ->
                handlers.stream().map(Fakes::reference).toArray(ServiceReference<?>[]::new);
            case "addBundleListener",
                    "addFrameworkListener",
                    "addServiceListener",
                    "removeBundleListener",
                    "removeFrameworkListener",
                    "removeServiceListener",
                    "createFilter",
                    "getServiceReferences" -> null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    /** Our own bundle, with the programs that it carries. */
    private static Bundle own() {
        return Fake.of(Bundle.class, (method, arguments) -> switch (method) {
            case "getEntry" -> Fakes.class.getResource("/" + arguments[0]);
            case "getLastModified" -> 1L;
            case "getState" -> Bundle.ACTIVE;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private ServiceRegistration<?> registration(TargetGroup group, List<Member> shown) {
        return Fake.of(ServiceRegistration.class, (method, arguments) -> {
            switch (method) {
                case "unregister" -> {
                    groups--;
                    show(List.of(), shown);
                }
                case "setProperties" -> show(group.members(), shown);
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        });
    }

    /** @param shown the members as they were, and are then */
    private void show(List<TargetGroup.Member> now, List<Member> shown) {
        calls++;
        List<Member> before = List.copyOf(shown);
        shown.clear();
        for (TargetGroup.Member one : now) {
            Member member =
                    before.stream().filter(former -> former.is(one)).findFirst().orElse(null);
            if (member == null) {
                member = new Member(one.target(), one.properties());
                members.add(member);
                events.add("+" + member.properties.get(Target.CONTEXT));
            }
            member.properties = one.properties();
            shown.add(member);
        }
        before.stream().filter(former -> !shown.contains(former)).forEach(gone -> {
            members.remove(gone);
            events.add("-" + gone.properties.get(Target.CONTEXT));
        });
    }

    private static ServiceReference<?> reference(Map<String, Object> properties) {
        return Fake.of(ServiceReference.class, (method, arguments) -> switch (method) {
            case "getProperty" -> properties.get(arguments[0]);
            case "getPropertyKeys" -> properties.keySet().toArray(String[]::new);
            case "getBundle" -> HANDLERS;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    /** The bundle "my.bundle", version 1.2.3, number 42, which runs. */
    static Bundle bundle() {
        return HANDLERS;
    }
}
