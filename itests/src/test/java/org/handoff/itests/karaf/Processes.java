package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the system knows of processes and their connections, and what can be done to them. */
public final class Processes {

    private static final String ESTABLISHED = "01";
    private static final String LISTENING = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private Processes() {}

    /** Lets a process open so many files more than it has now; what it has stays open. */
    public static void limitDescriptors(long pid, long more) throws IOException, InterruptedException {
        setLimit(pid, Long.toString(Karaf.descriptors(pid) + more));
    }

    /** Takes the limit back, up to the hard one. */
    public static void unlimitDescriptors(long pid) throws IOException, InterruptedException {
        String[] words;
        try (Stream<String> limits = Files.lines(Path.of("/proc", Long.toString(pid), "limits"))) {
            words = limits.filter(line -> line.startsWith("Max open files"))
                    .findFirst()
                    .orElseThrow()
                    .split("\\s+");
        }
        setLimit(pid, words[4]);
    }

    private static void setLimit(long pid, String soft) throws IOException, InterruptedException {
        run("prlimit", "--pid=" + pid, "--nofile=" + soft + ":");
    }

    /** Sends a signal: STOP, CONT, TERM. */
    public static void signal(long pid, String name) throws IOException, InterruptedException {
        // The shell has a kill of its own; the program is in a package that small systems lack.
        run("sh", "-c", "kill -" + name + " " + pid);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(List.of(command) + " ended with " + status);
        }
    }

    /** The memory that a process really has, in MiB. */
    public static long residentMib(long pid) throws IOException {
        try (Stream<String> status = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .orElseThrow();
        }
    }

    /** The connections to a port of this machine that were accepted, and that a process still has open. */
    public static long heldAt(int port) throws IOException {
        String end = String.format(":%04X", port);
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/tcp"))) {
            return sockets.map(line -> line.strip().split("\\s+"))
                    .filter(words -> words[LOCAL_ADDRESS].endsWith(end)
                            && !words[STATE].equals(LISTENING)
                            && !words[INODE].equals("0"))
                    .count();
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
