package org.handoff.worker.pool.internal;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.api.Target;
import org.handoff.worker.api.Handler;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** As much of a framework as handlers' declarations and contexts' services need. */
final class Fakes {

    /** What was registered, in the order of registration. */
    final List<Service> services = new ArrayList<>();

    /** What happened, in order: {@code +context} for a registration, {@code -context} for its end. */
    final List<String> events = new ArrayList<>();

    /** A registered service; it leaves the list when it is unregistered. */
    static final class Service {

        final Object object;
        Dictionary<?, ?> properties;

        Service(Object object, Dictionary<?, ?> properties) {
            this.object = object;
            this.properties = properties;
        }
    }

    /** The handlers that a tracker finds when it is opened. */
    final List<ServiceReference<Handler>> handlers = new ArrayList<>();

    BundleContext context() {
        return context(null);
    }

    /** @param data the bundle's data folder */
    BundleContext context(Path data) {
        return fake(BundleContext.class, (method, arguments) -> switch (method) {
            case "registerService" -> {
                Service service = new Service(arguments[1], (Dictionary<?, ?>) arguments[2]);
                services.add(service);
                events.add("+" + service.properties.get(Target.CONTEXT));
                yield registration(service);
            }
            case "getBundle" -> bundle();
            case "getDataFile" -> data.resolve((String) arguments[0]).toFile();
            case "getServiceReferences", "getAllServiceReferences" ->
                Handler.class.getName().equals(arguments[0]) ? handlers.toArray(new ServiceReference<?>[0]) : null;
            case "createFilter", "addServiceListener", "removeServiceListener", "ungetService" -> null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    /** Our own bundle, with the programs that it carries. */
    private static Bundle bundle() {
        return fake(Bundle.class, (method, arguments) -> switch (method) {
            case "getEntry" -> Fakes.class.getResource("/" + arguments[0]);
            case "getLastModified" -> 1L;
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

    @SuppressWarnings("unchecked")
    static ServiceReference<Handler> reference(Map<String, Object> properties) {
        Bundle bundle = fake(Bundle.class,
                (method, arguments) -> method.equals("getBundleId") ? (Object) 42L : "my.bundle");
        return fake(ServiceReference.class, (method, arguments) -> method.equals("getProperty")
                ? properties.get(arguments[0]) : bundle);
    }

    private interface Call {

        Object answer(String method, Object[] arguments);
    }

    private static <T> T fake(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> type.getSimpleName();
                    default -> call.answer(method.getName(), arguments);
                }));
    }
}
