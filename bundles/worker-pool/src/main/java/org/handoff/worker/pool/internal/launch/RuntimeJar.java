package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

import org.osgi.framework.Bundle;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;

/**
 * The program of Java workers: one jar, carried in this bundle, unpacked for the workers' class path. It lists the
 * packages, capabilities and services that it provides, which must not come from Karaf.
 */
public final class RuntimeJar {

    private static final String PROVIDED = "META-INF/handoff/provided.properties";

    private final Path path;
    private final Set<String> packages = new HashSet<>();
    private final Set<String> capabilities = new HashSet<>();
    private final Set<String> services = new HashSet<>();

    /**
     * Unpacks the jar.
     *
     * @param folder for the jar; made if need be
     * @throws IOException if the jar is not in this bundle, or cannot be written
     */
    public RuntimeJar(Bundle bundle, Path folder) throws IOException {
        path = BundledJar.unpack(bundle, "worker-runtime", folder);
        readProvided();
    }

    Path path() {
        return path;
    }

    /** Whether a worker has this capability without any bundle of Karaf's. */
    public boolean provides(BundleCapability capability) {
        String namespace = capability.getNamespace();
        Object name = capability.getAttributes().get(namespace);
        return namespace.equals(PackageNamespace.PACKAGE_NAMESPACE)
                ? packages.contains(name)
                : capabilities.contains(namespace + ";" + name);
    }

    /** Whether a worker has a service of this type without any bundle of Karaf's. */
    public boolean providesService(String type) {
        return services.contains(type);
    }

    private void readProvided() throws IOException {
        Properties provided = new Properties();
        try (JarFile jar = new JarFile(path.toFile())) {
            ZipEntry entry = jar.getEntry(PROVIDED);
            if (entry == null) {
                throw new IOException(path + " has no " + PROVIDED);
            }
            try (InputStream in = jar.getInputStream(entry)) {
                provided.load(in);
            }
        }
        for (String clause : provided.getProperty("packages").split(",")) {
            packages.add(clause.strip().split(";")[0]);
        }
        addWords(provided, "capabilities", capabilities);
        addWords(provided, "services", services);
    }

    private static void addWords(Properties provided, String key, Set<String> words) {
        for (String word : provided.getProperty(key).split(",")) {
            words.add(word.strip());
        }
    }
}
