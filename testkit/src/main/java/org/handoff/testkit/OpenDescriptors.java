package org.handoff.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * The descriptors that this process had open at one moment, to find those that were opened since. Only what has
 * settled may be counted: a client that has just connected is accepted later, and a native library that is loaded with
 * the first connection is a file. So a test takes the baseline when what it counts has answered once.
 */
public final class OpenDescriptors {

    private final List<String> links = links();

    private OpenDescriptors() {}

    /** The baseline of this moment. */
    public static OpenDescriptors now() {
        return new OpenDescriptors();
    }

    /** The links of the descriptors that were opened since and still are. */
    public List<String> openedSince() {
        List<String> opened = links();
        links.forEach(opened::remove);
        return opened;
    }

    /** Waits until none is left of those that were opened since. */
    public void awaitNoneSince() {
        Await.awaitEquals("descriptors opened since", List.of(), this::openedSince);
    }

    /** The links of all open descriptors, but for those that the JVM opens for itself. */
    private static List<String> links() {
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

    private static boolean isOfTheJvm(String link) {
        return link.endsWith(".jar")
                || link.startsWith(System.getProperty("java.home"))
                || link.startsWith("/proc/")
                || link.startsWith("/dev/")
                || link.startsWith("/sys/");
    }
}
