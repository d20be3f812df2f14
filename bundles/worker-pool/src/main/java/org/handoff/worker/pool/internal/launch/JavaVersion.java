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
        String version = version(java);
        return version.isEmpty() ? java.toString() : version + ", " + java;
    }

    /** The feature version, such as 17; 0 if the program's home does not tell it. */
    static int feature(Path java) {
        String number = version(java).split("[^0-9]", 2)[0];
        return number.isEmpty() ? 0 : Integer.parseInt(number);
    }

    private static String version(Path java) {
        Path release = java.resolveSibling("../release").normalize();
        if (Files.isReadable(release)) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(release)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                return "";
            }
            return properties.getProperty("JAVA_VERSION", "").replace("\"", "");
        }
        return "";
    }
}
