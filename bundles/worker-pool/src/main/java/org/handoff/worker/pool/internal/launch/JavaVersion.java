package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Finds the version of a Java program, without running it. */
public final class JavaVersion {

    private JavaVersion() {}

    /** The version and the program; the program alone if its home does not tell the version. */
    public static String of(Path java) {
        Path release = java.resolveSibling("../release").normalize();
        if (Files.isReadable(release)) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(release)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                return java.toString();
            }
            String version = properties.getProperty("JAVA_VERSION");
            if (version != null) {
                return version.replace("\"", "") + ", " + java;
            }
        }
        return java.toString();
    }
}
