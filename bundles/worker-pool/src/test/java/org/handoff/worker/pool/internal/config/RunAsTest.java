package org.handoff.worker.pool.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who processes run as, from a pool's file. */
class RunAsTest {

    private static RunAs of(String... keysAndValues) {
        Map<String, Object> file = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            file.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return RunAs.of(TestPoolConfig.ofFile(file));
    }

    @Test
    void withoutAnyKeyEverythingIsKarafs() {
        assertEquals(RunAs.KARAF, of());
    }

    @Test
    void valuesAreTakenAsTheyAreMeant() {
        RunAs runAs = of(
                "user",
                " root ",
                "umask",
                "027",
                "limit.nofile",
                "4096",
                "limit.core",
                "64m",
                "nice",
                "-5",
                "cpus",
                "0,2-3",
                "cgroup.memory",
                "1g",
                "cgroup.cpu",
                "1.5");
        assertEquals(new Account(OptionalInt.of(0), 0), runAs.account());
        assertEquals("027", runAs.umask());
        assertEquals("4096", runAs.openFiles());
        assertEquals("67108864", runAs.core());
        assertEquals(OptionalInt.of(-5), runAs.nice());
        assertEquals("{0, 2, 3}", runAs.cpus().toString());
        assertEquals(1L << 30, runAs.memory());
        assertEquals(150_000, runAs.cpuMicros());
        assertEquals(
                "user = root, umask = 027, limit.nofile = 4096, limit.core = 64m, nice = -5, cpus = 0,2-3, "
                        + "cgroup.memory = 1g, cgroup.cpu = 1.5",
                runAs.configured());
        assertEquals("unlimited", of("limit.core", "unlimited").core());
        assertEquals("0", of("limit.core", "0").core());
    }

    @Test
    void usersAndGroupsAreNamesOrNumbers() {
        assertEquals(
                new Account(OptionalInt.of(12345), 0),
                of("user", "12345", "group", "root").account());
        assertEquals(
                new Account(OptionalInt.empty(), 54321), of("group", "54321").account());
        assertEquals(of("user", "root").account(), of("user", "0").account());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user=no-such-user",
                "user=987654321",
                "user=-x",
                "user=a:b",
                "group=no-such-group",
                "umask=8",
                "umask=0x12",
                "umask=22; rm",
                "limit.nofile=0",
                "limit.nofile=many",
                "limit.core=big",
                "nice=20",
                "nice=-21",
                "nice=1.5",
                "cpus=a",
                "cpus=3-1",
                "cpus=0,",
                "cpus=99999",
                "cgroup.memory=all",
                "cgroup.cpu=0.001",
                "cgroup.cpu=-1"
            })
    void impossibleValuesAreNamed(String line) {
        String[] pair = line.split("=");
        String message =
                assertThrows(IllegalArgumentException.class, () -> of(pair)).getMessage();
        assertTrue(message.startsWith(pair[0] + " = " + pair[1] + ": "), message);
    }
}
