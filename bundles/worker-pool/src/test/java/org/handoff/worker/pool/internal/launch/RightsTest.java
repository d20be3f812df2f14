package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

import org.handoff.worker.pool.internal.config.RunAs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes with rights and limits, as far as any user may set them: the integration tests have the rest. */
class RightsTest {

    private static final int NONE = 4095;

    @TempDir
    Path folder;

    private static RunAs runAs(String umask, String openFiles, OptionalInt nice, BitSet cpus) {
        return new RunAs(null, umask, openFiles, "", nice, cpus, 0, 0, "the keys");
    }

    private static BitSet ownCpus() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> RunAs.cpuSet(line.split(":")[1].strip()))
                .findFirst()
                .orElseThrow();
    }

    private static void check(RunAs runAs, Path... reached) {
        Rights.check("p", runAs, List.of(reached));
    }

    private static String refusal(RunAs runAs, Path... reached) {
        return assertThrows(IllegalArgumentException.class, () -> check(runAs, reached))
                .getMessage();
    }

    @Test
    void aProcessHasTheLimitsOfItsPool() throws Exception {
        BitSet one = new BitSet();
        one.set(ownCpus().nextSetBit(0));
        RunAs limits = runAs("0137", "99", OptionalInt.of(7), one);
        check(limits, folder);
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", "umask; ulimit -n; nice; cut -d ' ' -f 6 /proc/$$/stat; echo $$");
        Rights.apply(builder, "p", limits);
        Process process = builder.start();
        List<String> printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        String pid = Long.toString(process.pid());
        assertEquals(List.of("0137", "99", "7", pid, pid), printed, "and a session of its own");
    }

    @Test
    void processorsThatAreNotThereAreNamed() throws Exception {
        BitSet more = ownCpus();
        more.set(NONE);
        String message = refusal(runAs("", "", OptionalInt.empty(), more));
        assertTrue(message.startsWith("the keys, which is not possible here: of these processors there are"), message);
    }

    @Test
    void aLimitThatTheSystemRefusesIsNamed() {
        String message = refusal(runAs("", "999999999", OptionalInt.empty(), new BitSet()));
        assertTrue(message.matches("the keys, .*: prlimit: .*NOFILE.*"), message);
    }

    @Test
    void whatIsOutOfReachIsNamed() {
        Path none = folder.resolve("none");
        String message = refusal(runAs("022", "", OptionalInt.empty(), new BitSet()), folder, none);
        assertTrue(message.contains("no access to " + none), message);
    }
}
