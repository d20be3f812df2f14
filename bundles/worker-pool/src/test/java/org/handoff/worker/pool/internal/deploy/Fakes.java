package org.handoff.worker.pool.internal.deploy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.api.Target;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;

/** As much of a framework as handlers' declarations and contexts' services need. */
public final class Fakes {

    /** What was registered, in the order of registration. */
    public final List<Service> services = new ArrayList<>();

    /** What happened, in order: {@code +context} for a registration, {@code -context} for its end. */
    final List<String> events = new ArrayList<>();

    /** A registered service; it leaves the list when it is unregistered. */
    public static final class Service {

        public final Object object;
        public Dictionary<?, ?> properties;

        Service(Object object, Dictionary<?, ?> properties) {
            this.object = object;
            this.properties = properties;
        }
    }

    /** The handlers that {@link #bundle} has registered by its own code: their properties. */
    public final List<Map<String, Object>> handlers = new ArrayList<>();

    private static final Bundle HANDLERS = fake(Bundle.class, (method, arguments) -> switch (method) {
        case "getBundleId" -> 42L;
        case "getVersion" -> new Version(1, 2, 3);
        case "getSymbolicName" -> "my.bundle";
        case "getState" -> Bundle.ACTIVE;
        case "getLastModified" -> 1L;
        case "getHeaders" -> new Hashtable<String, String>();
        default -> throw new UnsupportedOperationException(method);
    });

    public BundleContext context() {
        return context(null);
    }

    /** @param data the bundle's data folder */
    public BundleContext context(Path data) {
        return fake(BundleContext.class, (method, arguments) -> switch (method) {
            case "registerService" -> {
                Service service = new Service(arguments[1], (Dictionary<?, ?>) arguments[2]);
                services.add(service);
                events.add("+" + service.properties.get(Target.CONTEXT));
                yield registration(service);
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
        return fake(Bundle.class, (method, arguments) -> switch (method) {
            case "getEntry" -> Fakes.class.getResource("/" + arguments[0]);
            case "getLastModified" -> 1L;
            case "getState" -> Bundle.ACTIVE;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private ServiceRegistration<?> registration(Service service) {
        return fake(ServiceRegistration.class, (method, arguments) -> {
            switch (method) {
                case "unregister" -> {
                    services.remove(service);
                    events.add("-" + service.properties.get(Target.CONTEXT));
                }
                case "setProperties" -> service.properties = (Dictionary<?, ?>) arguments[0];
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        });
    }

    private static ServiceReference<?> reference(Map<String, Object> properties) {
        return fake(ServiceReference.class, (method, arguments) -> switch (method) {
            case "getProperty" -> properties.get(arguments[0]);
            case "getBundle" -> HANDLERS;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    /** The bundle "my.bundle", version 1.2.3, number 42, which runs. */
    static Bundle bundle() {
        return HANDLERS;
    }

    /** What a fake does. */
    interface Call {

        Object answer(String method, Object[] arguments);
    }

    /** An object of that type, which does what the call says. */
    static <T> T fake(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> type.getSimpleName();
                    default -> call.answer(method.getName(), arguments);
                }));
    }
}
