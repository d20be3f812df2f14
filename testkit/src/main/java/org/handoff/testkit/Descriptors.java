package org.handoff.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** The descriptors that this process has open, but for those that the JVM opens for itself. */
public final class Descriptors {

    private Descriptors() {}

    /** The links of all of them. */
    public static List<String> open() {
        List<String> links = new ArrayList<>();
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
            try {
                String link = Files.readSymbolicLink(descriptor.toPath()).toString();
                if (!isOfTheJvm(link)) {
                    links.add(link);
                }
            } catch (NoSuchFileException e) {
                // Closed meanwhile, as the one that lists them.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return links;
    }

    /** Those that are open now, and were not before. */
    public static List<String> openedSince(List<String> before) {
        List<String> opened = open();
        before.forEach(opened::remove);
        return opened;
    }

    private static boolean isOfTheJvm(String link) {
        return link.endsWith(".jar")
                || link.startsWith(System.getProperty("java.home"))
                || link.startsWith("/proc/")
                || link.startsWith("/dev/")
                || link.startsWith("/sys/");
    }
}
