package org.handoff.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Signals to other processes. */
public final class Signals {

    private static final String STOP = "STOP";
    /** The state of a stopped thread in {@code /proc/PID/task/TID/stat}, as proc(5) names it. */
    private static final char STOPPED = 'T';

    private Signals() {}

    /**
     * Sends a signal: STOP, CONT, TERM. A process that was sent STOP is stopped when this returns: one thread of it has
     * to notice the signal, and on a busy machine the others go on until that one gets a processor.
     */
    public static void send(long pid, String name) throws IOException, InterruptedException {
        // The shell has a kill of its own; the program is in a package that small systems lack.
        String command = "kill -" + name + " " + pid;
        int status = new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(command + " ended with " + status);
        }
        if (name.equals(STOP)) {
            Await.await(
                    "all threads of process " + pid + " to stop",
                    () -> states(pid).stream().allMatch(state -> state == STOPPED));
        }
    }

    private static List<Character> states(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.map(Signals::state).toList();
        }
    }

    private static char state(Path thread) {
        try {
            String line = Files.readString(thread.resolve("stat"));
            // The name before it is in brackets, and may have spaces.
            return line.charAt(line.lastIndexOf(')') + 2);
        } catch (NoSuchFileException e) {
            return STOPPED;
        } catch (IOException e) {
            // One that ends while it is read is looked at again.
            return ' ';
        }
    }
}
