package org.handoff.worker.pool.internal.servlet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

import org.handoff.testkit.Fake;
import org.handoff.worker.pool.internal.config.Brought;
import org.handoff.worker.pool.internal.deploy.BundleClosure;
import org.handoff.worker.pool.internal.deploy.BundleStore;
import org.handoff.worker.pool.internal.deploy.ConfigurationStore;
import org.handoff.worker.pool.internal.deploy.Deployed;
import org.handoff.worker.pool.internal.deploy.Fakes;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.deploy.HandlerFiles;
import org.handoff.worker.pool.internal.deploy.UsedConfigurations;
import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** As much of Karaf as servlets' pools look at: bundles, their components and their services. */
final class FakeKaraf {

    /** The configurations that there are. */
    final List<String> pids = new ArrayList<>();

    private final Path folder;
    private final List<Web> bundles = new ArrayList<>();
    private final List<ServiceReference<?>> services = new ArrayList<>();
    private final Map<ServiceListener, String> listeners = new HashMap<>();

    /** @param folder for all files */
    FakeKaraf(Path folder) {
        this.folder = folder;
    }

    /** A bundle that runs. */
    final class Web {

        final Bundle bundle;
        int state = Bundle.ACTIVE;
        boolean isToRun = true;
        private final Path files;
        private final Hashtable<String, String> headers = new Hashtable<>();
        private final List<Component> components = new ArrayList<>();

        private Web(String name, long id) {
            files = folder.resolve("bundle-" + id);
            write("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n\n");
            bundle = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
                case "getBundleId" -> id;
                case "getLastModified" -> 1L;
                case "getSymbolicName" -> name;
                case "getVersion" -> new Version(1, 0, 0);
                case "getLocation" -> name;
                case "getState" -> state;
                case "getHeaders" -> headers;
                case "getEntry" -> url(files.resolve((String) arguments[0]));
                case "getEntryPaths", "getServicesInUse" -> null;
                case "getRegisteredServices" ->
                    services.stream().filter(one -> one.getBundle() == bundle()).toArray(ServiceReference<?>[]::new);
                case "adapt" ->
                    arguments[0] == BundleStartLevel.class
                            ? Fake.of(BundleStartLevel.class, (asked, none) -> isToRun)
                            : null;
                default -> throw new UnsupportedOperationException(method);
            });
        }

        private Bundle bundle() {
            return bundle;
        }

        private void write(String path, String text) {
            try {
                Files.createDirectories(files.resolve(path).getParent());
                Files.writeString(files.resolve(path), text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Registers a service by its own code. */
        ServiceReference<?> service(Map<String, ?> properties) {
            ServiceReference<?> service = reference(bundle, properties);
            services.add(service);
            listeners.forEach((listener, filter) -> {
                if (matches(filter, service)) {
                    listener.serviceChanged(new ServiceEvent(ServiceEvent.REGISTERED, service));
                }
            });
            return service;
        }

        /** Has a component with these properties in its XML, which is satisfied and needs nothing. */
        Component component(String name, Map<String, String> properties) {
            StringBuilder xml = new StringBuilder("<component name=\"" + name
                    + "\"><service><provide interface=\"javax.servlet.Servlet\"/></service>");
            properties.forEach((key, value) ->
                    xml.append("<property name=\"" + key + "\" value=\"" + value.replace("&", "&amp;") + "\"/>"));
            write("OSGI-INF/" + name + ".xml", xml + "</component>");
            headers.merge("Service-Component", "OSGI-INF/" + name + ".xml", (one, other) -> one + "," + other);
            Component component = new Component(this, name, properties);
            components.add(component);
            return component;
        }
    }

    /** A component as the component runtime sees it. */
    static final class Component {

        final ComponentDescriptionDTO description = new ComponentDescriptionDTO();
        private final List<ComponentConfigurationDTO> configurations = new ArrayList<>();

        private Component(Web web, String name, Map<String, ?> properties) {
            description.name = name;
            description.bundle = new BundleDTO();
            description.bundle.id = web.bundle.getBundleId();
            description.properties = new HashMap<>(properties);
            description.configurationPolicy = "optional";
            description.configurationPid = new String[] {name};
            description.serviceInterfaces = new String[] {"javax.servlet.Servlet"};
            description.references = new ReferenceDTO[0];
        }

        /** Needs a configuration. */
        void requireConfiguration() {
            description.configurationPolicy = "require";
        }

        /** The configuration has come, with these properties beside those of the XML. */
        void configure(Map<String, ?> properties) {
            configuration(ComponentConfigurationDTO.SATISFIED).properties.putAll(properties);
        }

        /** Lacks a service. */
        void lacks(String type) {
            ReferenceDTO reference = new ReferenceDTO();
            reference.name = "it";
            reference.interfaceName = type;
            reference.cardinality = "1..1";
            description.references = new ReferenceDTO[] {reference};
            UnsatisfiedReferenceDTO unsatisfied = new UnsatisfiedReferenceDTO();
            unsatisfied.name = "it";
            configuration(ComponentConfigurationDTO.UNSATISFIED_REFERENCE).unsatisfiedReferences =
                    new UnsatisfiedReferenceDTO[] {unsatisfied};
        }

        ComponentConfigurationDTO configuration(int state) {
            ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
            configuration.description = description;
            configuration.state = state;
            configuration.properties = new HashMap<>(description.properties);
            configuration.satisfiedReferences = new SatisfiedReferenceDTO[0];
            configurations.add(configuration);
            return configuration;
        }
    }

    Web bundle(String name) {
        Web web = new Web(name, bundles.size() + 1L);
        bundles.add(web);
        return web;
    }

    void unregisterAll() {
        services.clear();
    }

    /** The number of listeners to services. */
    int listeners() {
        return listeners.size();
    }

    Framework framework() {
        return new Framework(context(), components(), configurations());
    }

    /** All services of the Whiteboard. */
    List<WhiteboardDeclaration> declared() {
        return new Deployed<>(framework(), WhiteboardDeclaration.ALL, refusal -> {}).declared();
    }

    /** The files of bundles for workers, now. */
    HandlerFiles files() throws IOException {
        RuntimeJar runtime = new RuntimeJar(new Fakes().context().getBundle(), folder.resolve("runtime"));
        return new HandlerFiles(
                new BundleClosure(framework(), runtime),
                new BundleStore(folder.resolve("copies")),
                new UsedConfigurations(framework()),
                new ConfigurationStore(folder.resolve("configurations")),
                new Brought(List.of(), List.of(), null),
                PoolServlets::isReplaced);
    }

    private BundleContext context() {
        return Fake.of(BundleContext.class, (method, arguments) -> {
            switch (method) {
                case "getBundles" -> {
                    return bundles.stream().map(one -> one.bundle).toArray(Bundle[]::new);
                }
                case "getAllServiceReferences" -> {
                    return services.stream()
                            .filter(one -> matches((String) arguments[1], one))
                            .toArray(ServiceReference<?>[]::new);
                }
                case "addServiceListener" -> listeners.put((ServiceListener) arguments[0], (String) arguments[1]);
                case "removeServiceListener" -> listeners.remove(arguments[0]);
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        });
    }

    private ServiceComponentRuntime components() {
        return Fake.of(ServiceComponentRuntime.class, (method, arguments) -> switch (method) {
            case "getComponentDescriptionDTO" -> description((Bundle) arguments[0], (String) arguments[1]);
            case "getComponentDescriptionDTOs" ->
                bundles.stream()
                        .flatMap(one -> one.components.stream())
                        .map(one -> one.description)
                        .toList();
            case "isComponentEnabled" -> true;
            case "getComponentConfigurationDTOs" -> configurations((ComponentDescriptionDTO) arguments[0]);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private ComponentDescriptionDTO description(Bundle bundle, String name) {
        return bundles.stream()
                .filter(one -> one.bundle == bundle)
                .flatMap(one -> one.components.stream())
                .map(one -> one.description)
                .filter(one -> one.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    private List<ComponentConfigurationDTO> configurations(ComponentDescriptionDTO description) {
        return bundles.stream()
                .flatMap(one -> one.components.stream())
                .filter(one -> one.description == description)
                .findFirst()
                .orElseThrow()
                .configurations;
    }

    private ConfigurationAdmin configurations() {
        return Fake.of(ConfigurationAdmin.class, (method, arguments) -> switch (method) {
            case "listConfigurations" ->
                pids.stream().map(FakeKaraf::configuration).toArray(Configuration[]::new);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static Configuration configuration(String pid) {
        return Fake.of(Configuration.class, (method, arguments) -> switch (method) {
            case "getPid" -> pid;
            case "getFactoryPid", "getBundleLocation" -> null;
            case "getProcessedProperties" -> new Hashtable<>();
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static boolean matches(String filter, ServiceReference<?> service) {
        try {
            return filter == null || FrameworkUtil.createFilter(filter).match(service);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private ServiceReference<?> reference(Bundle bundle, Map<String, ?> its) {
        Map<String, Object> properties = new HashMap<>(its);
        properties.put(Constants.SERVICE_ID, services.size() + 1L);
        properties.putIfAbsent(Constants.OBJECTCLASS, new String[] {"javax.servlet.Servlet"});
        return Fake.of(ServiceReference.class, (method, arguments) -> switch (method) {
            case "getBundle" -> bundle;
            case "getProperty" -> properties.get(arguments[0]);
            case "getPropertyKeys" -> properties.keySet().toArray(String[]::new);
            case "getProperties" -> new Hashtable<>(properties);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static URL url(Path file) {
        try {
            return Files.exists(file) ? file.toUri().toURL() : null;
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }
}
