package org.handoff.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The JDKs that a process of a pool can be tried on. */
public final class Jdks {

    /** The one that runs the tests. */
    public static final Path OURS = Path.of(System.getProperty("java.home"));

    private static final int OLDEST = 17;

    private Jdks() {}

    /** The JDK that runs the tests, and one of each other version that is installed and that Handoff supports. */
    public static Stream<Path> installed() throws IOException {
        SortedMap<Integer, Path> found = new TreeMap<>();
        found.put(version(OURS), OURS);
        Path homes = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(homes)) {
            try (Stream<Path> listed = Files.list(homes)) {
                for (Path home : (Iterable<Path>) listed::iterator) {
                    if (Files.isExecutable(home.resolve("bin/java")) && Files.exists(home.resolve("release"))) {
                        found.putIfAbsent(version(home), home);
                    }
                }
            }
        }
        return found.tailMap(OLDEST).values().stream();
    }

    /** The feature version; that of JDK 8 and older reads 1. */
    public static int version(Path jdk) throws IOException {
        String release = Files.readString(jdk.resolve("release"));
        return Integer.parseInt(release.split("JAVA_VERSION=\"")[1].split("[^0-9]")[0]);
    }
}
