package org.handoff.itests;

import java.io.File;
import java.nio.file.Path;

import org.handoff.worker.api.Handler;

import aQute.bnd.osgi.Builder;

/** Builds a bundle of one package of test handlers, as bnd-maven-plugin builds a user's. */
final class HandlerBundle {

    private HandlerBundle() {
    }

    /** A bundle with all classes of the package of that class, and one more header; its path. */
    static Path build(String symbolicName, Class<?> handler, String header, String value) throws Exception {
        Path jar = Karaf.FOLDER.resolve(symbolicName + ".jar");
        try (Builder builder = new Builder()) {
            builder.addClasspath(Path.of("target", "test-classes").toFile());
            // From here come the versions in the bundle's imports.
            builder.addClasspath(new File(Handler.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
            builder.setBundleSymbolicName(symbolicName);
            builder.setPrivatePackage(handler.getPackageName());
            builder.setProperty(header, value);
            builder.build().write(jar.toFile());
            if (!builder.getErrors().isEmpty()) {
                throw new IllegalStateException(symbolicName + ": " + builder.getErrors());
            }
        }
        return jar;
    }

    /** A bundle with all classes of the package of that class; its path. */
    static Path build(String symbolicName, Class<?> handler) throws Exception {
        return build(symbolicName, handler, "Bundle-Version", "1.0.0");
    }
}
