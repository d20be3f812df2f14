package org.handoff.itests.karaf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.testkit.Await;

/** What the system knows of processes and their connections, and what can be done to them. */
public final class Processes {

    private static final String ESTABLISHED = "01";
    private static final String LISTENING = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    /** The fields of {@link #stat}. */
    public static final int GROUP = 5;

    public static final int SESSION = 6;
    public static final int USER_TIME = 14;
    public static final int SYSTEM_TIME = 15;
    public static final int NICE = 19;

    private Processes() {}

    /** Lets a process open so many files more than it has now; what it has stays open. */
    public static void limitDescriptors(long pid, long more) throws IOException, InterruptedException {
        setLimit(pid, Long.toString(open(pid).size() + more));
    }

    /** Takes the limit back, up to the hard one. */
    public static void unlimitDescriptors(long pid) throws IOException, InterruptedException {
        setLimit(pid, limit(pid, "Max open files").get(1));
    }

    private static void setLimit(long pid, String soft) throws IOException, InterruptedException {
        run("prlimit", "--pid=" + pid, "--nofile=" + soft + ":");
    }

    /** Waits for the end of processes; past the deadline tells which are still there. */
    public static void awaitEnd(String what, List<ProcessHandle> processes) {
        Await.await(
                "the end of " + what,
                () -> processes.stream().noneMatch(ProcessHandle::isAlive),
                () -> "still there: "
                        + processes.stream()
                                .filter(ProcessHandle::isAlive)
                                .map(one -> one.pid() + " " + one.info())
                                .toList());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(List.of(command) + " ended with " + status);
        }
    }

    /** What the system says of a process in {@code /proc/PID/status}, by name. */
    public static Map<String, String> status(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.map(line -> line.split(":", 2))
                    .collect(Collectors.toMap(one -> one[0], one -> one[1].strip()));
        }
    }

    /** A field of {@code /proc/PID/stat}, counted as proc(5) does. */
    public static String stat(long pid, int field) throws IOException {
        String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        // The second one is in brackets, and may have spaces.
        return line.substring(line.lastIndexOf(')') + 2).split(" ")[field - 3];
    }

    /** The soft and the hard limit of a process, by its name in {@code /proc/PID/limits}. */
    public static List<String> limit(long pid, String name) throws IOException {
        try (Stream<String> limits = Files.lines(Path.of("/proc", Long.toString(pid), "limits"))) {
            String[] words = limits.filter(line -> line.startsWith(name))
                    .findFirst()
                    .orElseThrow()
                    .substring(name.length())
                    .strip()
                    .split("\\s+");
            return List.of(words[0], words[1]);
        }
    }

    /** What a process has open, by its descriptors. */
    public static Map<Integer, String> open(long pid) throws IOException {
        Map<Integer, String> open = new TreeMap<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    open.put(
                            Integer.valueOf(descriptor.getFileName().toString()),
                            Files.readSymbolicLink(descriptor).toString());
                } catch (NoSuchFileException e) {
                    // Closed in the meantime.
                }
            }
        }
        return open;
    }

    /** The memory that a process really has, in KiB. @throws IOException also if it has just ended */
    public static long residentKib(long pid) throws IOException {
        try (Stream<String> status = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .orElseThrow(() -> new IOException("process " + pid + " has ended"));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** How many connections to a port of this machine were accepted, and a process still has open. */
    public static long heldAt(int port) throws IOException {
        return acceptedAt(port).size();
    }

    /** The same connections, as the links of the descriptors that are open for them. */
    public static Set<String> acceptedAt(int port) throws IOException {
        String end = String.format(":%04X", port);
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/tcp"))) {
            return sockets.map(line -> line.strip().split("\\s+"))
                    .filter(words -> words[LOCAL_ADDRESS].endsWith(end)
                            && !words[STATE].equals(LISTENING)
                            && !words[INODE].equals("0"))
                    .map(words -> "socket:[" + words[INODE] + "]")
                    .collect(Collectors.toSet());
        }
    }

    /**
     * The connections to a port of this machine that nobody has begun to end, as the side that accepted them sees it.
     * Exact while none comes or goes; else some may be counted twice.
     */
    public static long establishedAt(int port) throws IOException {
        String end = String.format(":%04X", port);
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/tcp"))) {
            return sockets.map(line -> line.strip().split("\\s+"))
                    .filter(words -> words[LOCAL_ADDRESS].endsWith(end) && words[STATE].equals(ESTABLISHED))
                    .count();
        }
    }
}
