package org.handoff.worker.runtime.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleWiring;

class JdkPackagesTest {

    @TempDir
    Path storage;

    @Test
    void frameworkFindsTheSameByItself() throws BundleException {
        Set<String> ours = Stream.of(JdkPackages.exported().split(",")).collect(Collectors.toCollection(TreeSet::new));
        Framework framework =
                new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, storage.toString()));
        framework.init();
        Set<String> theirs =
                framework.adapt(BundleWiring.class).getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
                        .map(JdkPackagesTest::text)
                        .filter(one -> !one.startsWith("org.osgi."))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(theirs.stream().anyMatch(one -> one.startsWith("javax.sql;")), theirs.toString());
        assertEquals(theirs, ours);
    }

    private static String text(BundleCapability exported) {
        return exported.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE) + ";version=\""
                + exported.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE) + "\"";
    }
}
