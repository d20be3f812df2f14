package org.handoff.worker.pool.internal.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import org.handoff.worker.pool.internal.config.RunAs;

/**
 * The beginning of a worker's command line: programs that each set one property of the process (session, limits, user)
 * and then execute the next program, or end with a message. So the worker runs with all properties, or not at all. The
 * change of the user comes last, because some limits need root's rights.
 */
final class CommandPrefix {

    private CommandPrefix() {}

    /**
     * @param joined the file {@code cgroup.procs} of the process's control group; null for none
     * @param found finds a program's path by its name
     */
    static List<String> of(RunAs runAs, Path joined, UnaryOperator<String> found) {
        List<String> words = new ArrayList<>(List.of(found.apply("setsid")));
        List<String> shell = new ArrayList<>();
        if (joined != null) {
            shell.add("echo $$ > '" + joined.toString().replace("'", "'\\''") + "'");
        }
        // The program nice only warns if it cannot set the priority, and goes on.
        runAs.nice().ifPresent(nice -> shell.add(found.apply("renice") + " -n " + nice + " -p $$ > /dev/null"));
        if (!runAs.umask().isEmpty()) {
            shell.add("umask " + runAs.umask());
        }
        if (!shell.isEmpty()) {
            shell.add("exec \"$@\"");
            words.addAll(List.of(found.apply("sh"), "-c", String.join(" && ", shell), "sh"));
        }
        if (!runAs.openFiles().isEmpty() || !runAs.core().isEmpty()) {
            words.add(found.apply("prlimit"));
            addLimit(words, "nofile", runAs.openFiles());
            addLimit(words, "core", runAs.core());
        }
        if (!runAs.cpus().isEmpty()) {
            words.addAll(List.of(found.apply("taskset"), "--cpu-list", cpuList(runAs)));
        }
        if (runAs.account() != null) {
            words.add(found.apply("setpriv"));
            runAs.account().user().ifPresent(user -> words.add("--reuid=" + user));
            words.addAll(List.of(
                    "--regid=" + runAs.account().group(),
                    "--clear-groups",
                    "--inh-caps=-all",
                    "--bounding-set=-all",
                    "--no-new-privs"));
        }
        return words;
    }

    /** The soft and the hard one. */
    private static void addLimit(List<String> words, String name, String value) {
        if (!value.isEmpty()) {
            words.add("--" + name + "=" + value + ":" + value);
        }
    }

    private static String cpuList(RunAs runAs) {
        return String.join(
                ",", runAs.cpus().stream().mapToObj(Integer::toString).toList());
    }
}
