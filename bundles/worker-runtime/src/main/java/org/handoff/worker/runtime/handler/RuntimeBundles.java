package org.handoff.worker.runtime.handler;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

import org.apache.felix.scr.impl.Activator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.BundleReference;
import org.osgi.framework.connect.ConnectContent;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;

/**
 * The bundles whose classes come with the runtime, by OSGi Connect (OSGi Core 8, chapter 60): so the framework copies
 * and opens no jar for them.
 */
final class RuntimeBundles implements ModuleConnector {

    private static final String SCR = "handoff:scr";
    private static final String SCR_MANIFEST = "/META-INF/handoff/scr/META-INF/MANIFEST.MF";

    /** By their locations. */
    private final Map<String, Content> contents = new HashMap<>();

    /** Installs Declarative Services. @throws IOException if its manifest cannot be read */
    Bundle installScr(BundleContext context) throws IOException, BundleException {
        Map<String, String> headers = new HashMap<>();
        try (InputStream in = RuntimeBundles.class.getResourceAsStream(SCR_MANIFEST)) {
            new Manifest(in)
                    .getMainAttributes()
                    .forEach((name, value) -> headers.put(name.toString(), value.toString()));
        }
        ScrLoader loader = new ScrLoader();
        Bundle bundle = install(context, SCR, new Content(headers, loader));
        loader.bundle = bundle;
        return bundle;
    }

    /** Installs a bundle whose classes are the runtime's own. */
    Bundle install(BundleContext context, String location, Map<String, String> headers) throws BundleException {
        return install(context, location, new Content(headers, RuntimeBundles.class.getClassLoader()));
    }

    private Bundle install(BundleContext context, String location, Content content) throws BundleException {
        contents.put(location, content);
        return context.installBundle(location);
    }

    @Override
    public void initialize(File storage, Map<String, String> configuration) {
        // Nothing to be stored.
    }

    @Override
    public Optional<ConnectModule> connect(String location) {
        return Optional.ofNullable(contents.get(location)).map(content -> () -> content);
    }

    @Override
    public Optional<BundleActivator> newBundleActivator() {
        return Optional.empty();
    }

    /** Headers and classes: a bundle without entries. */
    private record Content(Map<String, String> headers, ClassLoader loader) implements ConnectContent {

        @Override
        public Optional<Map<String, String>> getHeaders() {
            return Optional.of(headers);
        }

        @Override
        public Iterable<String> getEntries() {
            return List.of();
        }

        @Override
        public Optional<ConnectEntry> getEntry(String path) {
            return Optional.empty();
        }

        @Override
        public Optional<ClassLoader> getClassLoader() {
            return Optional.of(loader);
        }

        @Override
        public void open() {
            // The runtime's jar is open.
        }

        @Override
        public void close() {
            // The runtime's jar stays open.
        }
    }

    /**
     * Defines the classes of Declarative Services for their bundle alone. By this class loader Felix sees that services
     * are registered on behalf of other bundles, and compares the classes of those.
     */
    private static final class ScrLoader extends ClassLoader implements BundleReference {

        private static final String PACKAGES = "org.apache.felix.scr.";

        static {
            registerAsParallelCapable();
        }

        /** The jar with the classes: class loaders would look at all jars for each class, and make much of it. */
        private final JarFile jar;

        private volatile Bundle bundle;

        ScrLoader() throws IOException {
            super(RuntimeBundles.class.getClassLoader());
            URL activator = getResource(path(Activator.class.getName()));
            jar = ((JarURLConnection) activator.openConnection()).getJarFile();
        }

        private static String path(String name) {
            return name.replace('.', '/') + ".class";
        }

        @Override
        public Bundle getBundle() {
            return bundle;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGES)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            ZipEntry entry = jar.getEntry(path(name));
            if (entry == null) {
                throw new ClassNotFoundException(name);
            }
            try (InputStream in = jar.getInputStream(entry)) {
                // Not by the stream's own array, which it puts together from smaller ones.
                byte[] bytes = new byte[(int) entry.getSize()];
                return defineClass(name, bytes, 0, in.readNBytes(bytes, 0, bytes.length));
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
