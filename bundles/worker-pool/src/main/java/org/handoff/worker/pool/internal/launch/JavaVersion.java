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

    /**
     * Whether the JVM has the option {@code TrimNativeHeapInterval} (JDK-8293114), and so starts with it: 22 and later,
     * and OpenJDK's updates from 17.0.9 and 21.0.1 on. Oracle makes updates of 17 and 21 of other sources.
     */
    static boolean trimsNativeHeap(Path java) {
        Properties release = release(java);
        Runtime.Version version;
        try {
            version = Runtime.Version.parse(value(release, "JAVA_VERSION"));
        } catch (IllegalArgumentException e) {
            return false;
        }
        String implementor = value(release, "IMPLEMENTOR");
        boolean isOpenJdk = !implementor.isEmpty() && !implementor.startsWith("Oracle");
        return switch (version.feature()) {
            case 17 -> isOpenJdk && version.update() >= 9;
            case 21 -> isOpenJdk && version.update() >= 1;
            default -> version.feature() >= 22;
        };
    }

    private static String version(Path java) {
        return value(release(java), "JAVA_VERSION");
    }

    private static String value(Properties release, String key) {
        return release.getProperty(key, "").replace("\"", "");
    }

    /** Empty if the program's home has no such file. */
    private static Properties release(Path java) {
        Properties properties = new Properties();
        Path release = java.resolveSibling("../release").normalize();
        if (Files.isReadable(release)) {
            try (Reader reader = Files.newBufferedReader(release)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                properties.clear();
            }
        }
        return properties;
    }
}
