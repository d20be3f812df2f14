package org.handoff.itests.karaf;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;

import aQute.bnd.osgi.Builder;
import org.handoff.worker.api.Handler;

/** Builds a bundle of one package of test handlers, as bnd-maven-plugin builds a user's. */
public final class HandlerBundle {

    private HandlerBundle() {}

    /** A bundle with all classes of the package of that class, and one more header; its path. */
    public static Path build(String symbolicName, Class<?> handler, String header, String value) throws Exception {
        return build(symbolicName, handler, Map.of(header, value));
    }

    /** A bundle with all classes of the package of that class; its path. */
    public static Path build(String symbolicName, Class<?> handler) throws Exception {
        return build(symbolicName, handler, "Bundle-Version", "1.0.0");
    }

    /** A bundle with all classes of a package, of which only that class is a component; its path. */
    public static Path ofComponent(String symbolicName, Class<?> component, Map<String, String> headers)
            throws Exception {
        try (Builder builder = new Builder()) {
            builder.setProperty("-dsannotations", component.getName());
            builder.setProperty("-dsannotations-options", "inherit");
            return build(builder, symbolicName, component, headers);
        }
    }

    /** A bundle with all classes of the package of that class, and more headers; its path. */
    public static Path build(String symbolicName, Class<?> handler, Map<String, String> headers) throws Exception {
        try (Builder builder = new Builder()) {
            return build(builder, symbolicName, handler, headers);
        }
    }

    /** A fragment that adds a resource to its host, as in bnd's {@code -includeresource}; its path. */
    public static Path fragment(String symbolicName, String host, String resource) throws Exception {
        Path jar = Karaf.FOLDER.resolve(symbolicName + ".jar");
        try (Builder builder = new Builder()) {
            builder.setBundleSymbolicName(symbolicName);
            builder.setProperty("Fragment-Host", host);
            builder.setProperty("-includeresource", resource);
            builder.build().write(jar.toFile());
        }
        return jar;
    }

    private static Path build(Builder builder, String symbolicName, Class<?> handler, Map<String, String> headers)
            throws Exception {
        Path jar = Karaf.FOLDER.resolve(symbolicName + ".jar");
        builder.addClasspath(Path.of("target", "test-classes").toFile());
        // From here come the versions in the bundle's imports.
        builder.addClasspath(new File(Handler.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI()));
        builder.setBundleSymbolicName(symbolicName);
        builder.setPrivatePackage(handler.getPackageName());
        headers.forEach(builder::setProperty);
        builder.build().write(jar.toFile());
        if (!builder.getErrors().isEmpty()) {
            throw new IllegalStateException(symbolicName + ": " + builder.getErrors());
        }
        return jar;
    }
}
