package org.handoff.worker.runtime.handler;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The packages that the runtime provides to handler bundles; the pool in Karaf reads the same resource from the
 * runtime's jar.
 */
public final class Provided {

    private static final String RESOURCE = "/META-INF/handoff/provided.properties";

    private Provided() {}

    /** The packages that the system bundle exports in addition, in the form of the framework's property. */
    public static String packages() {
        try (InputStream in = Provided.class.getResourceAsStream(RESOURCE)) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("packages");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + RESOURCE + " in the worker runtime's jar", e);
        }
    }
}
