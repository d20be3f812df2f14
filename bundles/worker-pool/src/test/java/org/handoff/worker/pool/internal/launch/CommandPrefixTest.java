package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

import org.handoff.worker.pool.internal.config.Account;
import org.handoff.worker.pool.internal.config.RunAs;
import org.junit.jupiter.api.Test;

/** The words before a program's command line. */
class CommandPrefixTest {

    private static String prefix(RunAs runAs, Path joined) {
        return String.join(" ", CommandPrefix.of(runAs, joined, name -> "/bin/" + name));
    }

    private static RunAs runAs(Account account, String umask, OptionalInt nice) {
        return new RunAs(account, umask, "", "", nice, new BitSet(), 0, 0, "");
    }

    @Test
    void withoutAnyKeyAProgramHasASessionOfItsOwn() {
        assertEquals("/bin/setsid", prefix(RunAs.KARAF, null));
    }

    @Test
    void rightsGoLast() {
        RunAs all = new RunAs(
                new Account(OptionalInt.of(7), 8),
                "027",
                "100",
                "0",
                OptionalInt.of(-3),
                RunAs.cpuSet("0,2-3"),
                1,
                1,
                "");
        assertEquals(
                List.of(
                        "/bin/setsid",
                        "/bin/sh",
                        "-c",
                        "echo $$ > '/a '\\''b/cgroup.procs' && /bin/renice -n -3 -p $$ > /dev/null && umask 027 && "
                                + "exec \"$@\"",
                        "sh",
                        "/bin/prlimit",
                        "--nofile=100:100",
                        "--core=0:0",
                        "/bin/taskset",
                        "--cpu-list",
                        "0,2,3",
                        "/bin/setpriv",
                        "--reuid=7",
                        "--regid=8",
                        "--clear-groups",
                        "--inh-caps=-all",
                        "--bounding-set=-all",
                        "--no-new-privs"),
                CommandPrefix.of(all, Path.of("/a 'b/cgroup.procs"), name -> "/bin/" + name));
    }

    @Test
    void onlyWhatIsAskedForIsThere() {
        assertEquals(
                "/bin/setsid /bin/setpriv --regid=8 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs",
                prefix(runAs(new Account(OptionalInt.empty(), 8), "", OptionalInt.empty()), null));
        assertEquals(
                "/bin/setsid /bin/sh -c umask 077 && exec \"$@\" sh",
                prefix(runAs(null, "077", OptionalInt.empty()), null));
        assertEquals(
                "/bin/setsid /bin/sh -c /bin/renice -n 5 -p $$ > /dev/null && exec \"$@\" sh",
                prefix(runAs(null, "", OptionalInt.of(5)), null));
        assertEquals(
                "/bin/setsid /bin/sh -c echo $$ > '/g/cgroup.procs' && exec \"$@\" sh",
                prefix(RunAs.KARAF, Path.of("/g/cgroup.procs")));
    }
}
