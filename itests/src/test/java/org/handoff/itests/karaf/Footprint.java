package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Karaf has at one moment of what deployments might leave behind.
 *
 * @param threads by name, with the numbers in names left out
 * @param objects by class, those that somebody refers to: of ours and of the framework
 * @param heap bytes of all objects that somebody refers to
 */
public record Footprint(
        long descriptors, Map<String, Long> threads, long bundles, long files, Map<String, Long> objects, long heap) {

    /** So much of anything comes and goes by itself; one for each generation is more. */
    private static final int MOST = 15;

    /** What our threads' names begin with. None comes or goes by itself, once the workers are those that are wanted. */
    private static final String OURS = "handoff-";
    /** Threads of Karaf's shell sessions, which outlive each command for a minute, and of pools that grow and shrink. */
    private static final Pattern COMES_AND_GOES = Pattern.compile("(session-|EventAdmin).*");

    private static final long MOST_HEAP = 4 << 20;

    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");
    private static final Pattern OF_INTEREST =
            Pattern.compile("org\\.(handoff|apache\\.felix\\.(framework|scr|fileinstall))\\..*");

    public static Footprint of(Karaf karaf) throws IOException, InterruptedException {
        long pid = karaf.pid();
        Map<String, Long> objects = new HashMap<>();
        long heap = 0;
        for (String line : histogram(pid)) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                heap += Long.parseLong(matcher.group(2));
                if (OF_INTEREST.matcher(matcher.group(3)).matches()) {
                    objects.merge(matcher.group(3), Long.parseLong(matcher.group(1)), Long::sum);
                }
            }
        }
        return new Footprint(
                Processes.open(pid).size(),
                threads(pid),
                karaf.shell("bundle:list -t 0 -u").lines().count(),
                files(karaf),
                objects,
                heap);
    }

    /** What is on the heap behind a collection. */
    private static List<String> histogram(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        List<String> lines;
        try (var reader = jcmd.inputReader()) {
            lines = reader.lines().toList();
        }
        if (jcmd.waitFor() != 0) {
            throw new IOException("jcmd ended with " + jcmd.exitValue() + ": " + lines);
        }
        return lines;
    }

    /** The threads by the part of their names that the system keeps, 15 characters. */
    private static Map<String, Long> threads(long pid) throws IOException {
        Map<String, Long> threads = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : (Iterable<Path>) tasks::iterator) {
                try {
                    String name = Files.readString(task.resolve("comm")).strip().replaceAll("\\d+", "#");
                    threads.merge(name, 1L, Long::sum);
                } catch (IOException e) {
                    // It has ended meanwhile.
                    continue;
                }
            }
        }
        threads.keySet().removeIf(name -> COMES_AND_GOES.matcher(name).matches());
        return threads;
    }

    /** The files below data/ but for the log, as far as they stay while they are counted. */
    private static long files(Karaf karaf) throws IOException {
        AtomicLong count = new AtomicLong();
        Files.walkFileTree(karaf.file("data"), new SimpleFileVisitor<>() {

            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean log = folder.equals(karaf.file("data/log"));
                count.addAndGet(log ? 0 : 1);
                return log ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                count.incrementAndGet();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return count.get();
    }

    /** What there is more of than before, and not just by what comes and goes by itself; a line for each. */
    public List<String> moreThan(Footprint before) {
        List<String> more = new ArrayList<>();
        compare("descriptors", before.descriptors, descriptors, MOST, more);
        threads.forEach((name, count) -> compare(
                "threads " + name,
                before.threads.getOrDefault(name, 0L),
                count,
                name.startsWith(OURS) ? 0 : MOST,
                more));
        compare("bundles", before.bundles, bundles, 0, more);
        compare("files", before.files, files, MOST, more);
        compare("bytes of heap", before.heap, heap, MOST_HEAP, more);
        objects.forEach((type, count) -> compare(type, before.objects.getOrDefault(type, 0L), count, MOST, more));
        return more;
    }

    private static void compare(String what, long before, long now, long most, List<String> more) {
        if (now > before + most) {
            more.add(what + ": " + before + " before, " + now + " now");
        }
    }

    @Override
    public String toString() {
        return descriptors + " descriptors, "
                + threads.values().stream().mapToLong(Long::longValue).sum() + " threads, " + bundles + " bundles, "
                + files + " files, "
                + objects.values().stream().mapToLong(Long::longValue).sum()
                + " objects of ours and the framework's, heap "
                + heap / 1024 + " KiB";
    }
}
