package org.handoff.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The descriptors that a process had open at one moment, to find those that were opened since. Only what has settled
 * may be counted: a client that has just connected is accepted later, and a native library that is loaded with the first
 * connection is a file. So a test takes the baseline when what it counts has answered once.
 */
public final class OpenDescriptors {

    private static final String SELF = "self";

    private final String process;
    private final List<String> before;

    private OpenDescriptors(String process) {
        this.process = process;
        this.before = links(process);
    }

    /** Those of this process. */
    public static OpenDescriptors now() {
        return new OpenDescriptors(SELF);
    }

    /** Those of another process. */
    public static OpenDescriptors of(long pid) {
        return new OpenDescriptors(Long.toString(pid));
    }

    /** The links of the descriptors that were opened since and still are. */
    public List<String> openedSince() {
        List<String> opened = links(process);
        before.forEach(opened::remove);
        return opened;
    }

    /** Waits until none is left of those that were opened since. */
    public void awaitNoneSince() {
        Await.awaitEquals("descriptors opened since", List.of(), this::openedSince);
    }

    /** Waits until there are so many of those that were opened since. */
    public void awaitSince(String what, int count) {
        Await.await(what, () -> openedSince().size() == count, () -> "opened since: " + openedSince());
    }

    /** Waits until there are no more than before, where others may have taken the place of some. */
    public void awaitNoMore() {
        Await.await(
                "no more than " + before.size() + " descriptors",
                () -> links(process).size() <= before.size(),
                () -> "opened since: " + openedSince());
    }

    /** How many descriptors of this process have this link. */
    public static long count(String link) {
        return links(SELF).stream().filter(link::equals).count();
    }

    /** The links of the files below a folder that this process has open, whether they have a name or not. */
    public static List<String> below(Path folder) throws IOException {
        String prefix = folder.toRealPath() + "/";
        return links(SELF).stream().filter(link -> link.startsWith(prefix)).toList();
    }

    /** The links of all open descriptors, but for those that the JVM opens for itself when it first needs them. */
    private static List<String> links(String process) {
        List<String> links = new ArrayList<>();
        File[] descriptors = new File("/proc/" + process + "/fd").listFiles();
        if (descriptors == null) {
            throw new IllegalStateException("there is no process " + process);
        }
        for (File descriptor : descriptors) {
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
                || link.startsWith("/sys/")
                || link.matches("/dev/(null|u?random)");
    }
}
