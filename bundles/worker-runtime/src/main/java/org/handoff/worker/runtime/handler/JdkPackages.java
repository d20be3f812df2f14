package org.handoff.worker.runtime.handler;

import java.lang.module.ModuleDescriptor;

/**
 * The JDK's packages that bundles may import: those that its modules export to everybody, with the version that Felix
 * gives them.
 *
 * <p>Felix finds the same, but substitutes a variable for each module in a text that grows with each: that was a fifth of
 * what a worker's start allocated.
 */
final class JdkPackages {

    private static final int ROOM = 16 * 1024;

    private JdkPackages() {}

    /** All of them, in the form of the framework's property. */
    static String exported() {
        StringBuilder packages = new StringBuilder(ROOM);
        String version = version();
        for (Module module : ModuleLayer.boot().modules()) {
            for (ModuleDescriptor.Exports exported : module.getDescriptor().exports()) {
                if (!exported.isQualified()) {
                    packages.append(packages.isEmpty() ? "" : ",")
                            .append(exported.source())
                            .append(version);
                }
            }
        }
        return packages.toString();
    }

    private static String version() {
        String feature = Integer.toString(Runtime.version().feature());
        return new StringBuilder(";version=\"0.0.0.JavaSE_")
                .append("0".repeat(Math.max(0, 3 - feature.length())))
                .append(feature)
                .append('"')
                .toString();
    }
}
